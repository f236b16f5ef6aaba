package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/config"
)

// figuresFile is kept by TestPairwise.
const figuresFile = "internal/template/testdata/pairwise.txt"

const parityHead = `# Parity with the reference stack

Made by ` + "`make generate`" + `; a test checks that each test and golden case named here exists.

Every setting of agent-aws-stack has the same name and meaning here. Three things hold for each of them: ` + "`TestEachSetting`" + ` has
values that are taken and values that are refused with a reason, ` + "`TestEverySettingHasAnEffect`" + ` sees the template change with it
(all but the architecture, which chooses the AMI), and it stands in the README's table. What proves its effect:

| Setting | Effect | Test | Golden case |
|---|---|---|---|
`

const parityPairs = `
Settings that contradict each other: ` + "`TestContradictions`" + `. Settings that do nothing where they stand: ` + "`TestIneffective`" + `.

## Pairs of settings

` + "`TestPairwise`" + ` makes configurations until every value of every setting, or of a few that belong together, has met every value of every
other one. A pair that goes together has to meet in a template that fits the resource types' schemas; any other has to be refused
with what is wrong and what would be right. ` + "`make matrix`" + ` puts a sample of 25 templates through cfn-lint.

`

// parity is the page docs/parity.md.
func parity() ([]byte, error) {
	figures, err := os.ReadFile(figuresFile)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(parityHead)
	names := config.Names()
	all := proofs()
	for _, name := range config.ReferenceNames() {
		if !slices.Contains(names, name) {
			continue
		}
		p := all[name]
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | `%s` |\n", name, p.effect, p.test, p.golden)
	}
	b.WriteString(parityPairs)
	b.Write(figures)
	return []byte(b.String()), nil
}
