package template

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/schema"
	"github.com/semagent/semagent/internal/config"
)

var sample = flag.String("sample", "", "TestPairwise writes templates of the matrix into this `directory`")

const (
	leastConfigurations = 200
	sampleSize          = 25
)

// TestPairwise goes through configurations in which every two settings' values meet. Each makes a good template or is
// refused with a reason, and pairs that go together are met in a template.
func TestPairwise(t *testing.T) {
	m := newPairwise(matrix())
	m.coverAll(t)
	m.fillUp(t, leastConfigurations)
	if missing := len(allPairs(m.dimensions)) - len(m.built) - len(m.refused); missing != 0 {
		t.Errorf("%d pairs were never met", missing)
	}
	if len(m.built) == 0 || len(m.refused) == 0 || len(m.refused)*20 > len(m.built) {
		t.Errorf("%d pairs are in a template and %d are refused: is the matrix what it should be?", len(m.built), len(m.refused))
	}
	m.compareFigures(t)
	if *sample != "" {
		m.write(t, *sample)
	}
}

// compareFigures keeps the figures in a file, for docs/parity.md.
func (m *pairwise) compareFigures(t *testing.T) {
	t.Helper()
	path := filepath.Join("testdata", "pairwise.txt")
	figures := fmt.Sprintf("%d configurations: %d make a template, %d are refused with a reason.\n"+
		"%d pairs of values: %d meet in a template, %d are refused.\n",
		len(m.good)+len(m.bad), len(m.good), len(m.bad), len(m.built)+len(m.refused), len(m.built), len(m.refused))
	if *update {
		if err := os.WriteFile(path, []byte(figures), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), figures); diff != "" {
		t.Errorf("figures differ from %s (-want +got):\n%s", path, diff)
	}
}

// pairwise makes configurations until every pair was met.
type pairwise struct {
	dimensions []dimension
	random     *rand.Rand
	good, bad  []choice
	built      map[pair]bool // met in a template
	refused    map[pair]bool // refused wherever the rest is at its default
	templates  []Document    // of good
}

func newPairwise(dimensions []dimension) *pairwise {
	return &pairwise{
		dimensions: dimensions, random: rand.New(rand.NewPCG(1, 2)), //nolint:gosec // the same matrix every time
		built: map[pair]bool{}, refused: map[pair]bool{},
	}
}

// coverAll starts from each pair that was not met yet, and sets the other dimensions so that more pairs are met.
func (m *pairwise) coverAll(t *testing.T) {
	t.Helper()
	for _, p := range allPairs(m.dimensions) {
		if m.built[p] {
			continue
		}
		c := make(choice, len(m.dimensions))
		c[p.p], c[p.q] = p.v, p.w
		if _, err := m.load(c); err != nil {
			m.refused[p] = true
			m.refuse(t, c, err)
			continue
		}
		m.build(t, m.extend(c, p))
	}
}

// extend gives each other dimension the value that meets most new pairs and is not refused.
func (m *pairwise) extend(c choice, fixed pair) choice {
	for _, p := range m.random.Perm(len(c)) {
		if p == fixed.p || p == fixed.q {
			continue
		}
		best, most := c[p], -1
		for _, v := range m.random.Perm(len(m.dimensions[p].bundles)) {
			with := slices.Clone(c)
			with[p] = v
			if n := m.gain(with, p); n > most {
				if _, err := m.load(with); err == nil {
					best, most = v, n
				}
			}
		}
		c[p] = best
	}
	return c
}

// gain is how many new pairs dimension p takes part in.
func (m *pairwise) gain(c choice, p int) int {
	n := 0
	for _, met := range c.pairs() {
		if (met.p == p || met.q == p) && !m.built[met] {
			n++
		}
	}
	return n
}

// fillUp adds configurations at random until there are enough: as they fall, which contradict themselves more often
// than not, and in turn with them some whose values were drawn again until they go together.
func (m *pairwise) fillUp(t *testing.T, n int) {
	t.Helper()
	for i := 0; len(m.good)+len(m.bad) < n; i++ {
		c := make(choice, len(m.dimensions))
		if i%2 == 0 {
			c = m.extend(c, pair{p: -1, q: -1})
		} else {
			for p := range c {
				c[p] = m.random.IntN(len(m.dimensions[p].bundles))
			}
		}
		if _, err := m.load(c); err != nil {
			m.refuse(t, c, err)
			continue
		}
		m.build(t, c)
	}
}

func (m *pairwise) load(c choice) (*config.Config, error) {
	return config.Load(config.Input{Environ: c.environ(m.dimensions)})
}

// refuse holds that each problem says what is wrong and what would be right.
func (m *pairwise) refuse(t *testing.T, c choice, err error) {
	t.Helper()
	m.bad = append(m.bad, c)
	problems, ok := err.(config.Problems) //nolint:errorlint // Load gives Problems as they are
	if !ok || len(problems) == 0 {
		t.Fatalf("%v: refused with %v", c.environ(m.dimensions), err)
	}
	for _, p := range problems {
		if p.Setting == "" || p.Message == "" || p.Fix == "" {
			t.Errorf("%v: refused without a reason: %#v", c.environ(m.dimensions), p)
		}
	}
}

func (m *pairwise) build(t *testing.T, c choice) {
	t.Helper()
	cfg, err := m.load(c)
	if err != nil {
		t.Fatal(err)
	}
	in := Inputs{
		Config: *cfg, ImageID: "ami-0123456789abcdef0", DesiredCapacity: cfg.DesiredCapacity, FunctionSubnets: cfg.Subnets,
		ScalerDigest: strings.Repeat("0123456789abcdef", 4), KnownHosts: []string{"ssh-ed25519 AAAA"},
	}
	doc, err := Build(in)
	if err != nil {
		t.Errorf("%v: %v", c.environ(m.dimensions), err)
		return
	}
	checkDocument(t, doc)
	if t.Failed() {
		t.Fatalf("in %v", c.environ(m.dimensions))
	}
	m.good, m.templates = append(m.good, c), append(m.templates, doc)
	for _, met := range c.pairs() {
		m.built[met] = true
	}
}

// checkDocument holds the template against the resource types' own schemas, and its references against itself.
func checkDocument(t *testing.T, doc Document) {
	t.Helper()
	types, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	all := resources(t, doc)
	for id, resource := range all {
		before(t, all, id)
		kind := types.Type(at(t, resource, "Type").(string))
		if kind == nil {
			t.Fatalf("%s has a type without a schema", id)
		}
		for _, problem := range kind.Check(resolved(at(t, resource, "Properties")).(object)) {
			t.Errorf("%s: %s", id, problem)
		}
	}
	if size := len(doc.Compact()); size > 51_200 {
		t.Errorf("the template has %d bytes, more than the API takes", size)
	}
}

// resolved puts something of the right form in the place of each intrinsic function.
func resolved(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = resolved(v[i])
		}
		return out
	case object:
		out := object{}
		for key, value := range v {
			if key == "Ref" || strings.HasPrefix(key, "Fn::") {
				return standIn(key, value)
			}
			out[key] = resolved(value)
		}
		return out
	default:
		return v
	}
}

func standIn(function string, argument any) any {
	switch function {
	case "Fn::GetAZs":
		return []any{"eu-west-1a"}
	case "Fn::Sub":
		named := strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "eu-west-1", "${AWS::AccountId}", "123456789012").Replace(argument.(string))
		return regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(named, "stand-in")
	case "Fn::GetAtt":
		return map[any]any{"GroupId": "sg-0123456789abcdef0", "LatestVersionNumber": "1", "Arn": "arn:aws:iam::123456789012:role/x"}[argument.([]any)[1]]
	default:
		return "stand-in"
	}
}

// write puts a sample of the templates into a directory, for linters that know other rules.
func (m *pairwise) write(t *testing.T, dir string) {
	t.Helper()
	step := max(len(m.templates)/sampleSize, 1)
	for i := 0; i < len(m.templates) && i < step*sampleSize; i += step {
		path := filepath.Join(dir, fmt.Sprintf("pairwise-%03d.json", i))
		if err := os.WriteFile(path, m.templates[i].JSON, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
