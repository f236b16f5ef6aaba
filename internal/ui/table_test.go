package ui_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/ui"
)

func settings() ui.Table {
	return ui.Table{
		Header: []string{"SETTING", "VALUE", "SOURCE"},
		Rows: [][]string{
			{"SEMAPHORE_ORGANIZATION", "acme", "environment"},
			{"SEMAPHORE_AGENT_SUBNETS", "subnet-aaaaaaaaaaaaaaaaa,subnet-bbbbbbbbbbbbbbbbb", "semagent.yaml:12"},
			{"SEMAPHORE_AGENT_KEY_NAME", "", ""},
		},
		Flex: 1,
	}
}

func TestTableInAPipeIsWhole(t *testing.T) {
	var out bytes.Buffer
	if err := settings().Write(ui.New(nil, &out, &out, nil).Out); err != nil {
		t.Fatal(err)
	}
	want := `
SETTING                   VALUE                                              SOURCE
SEMAPHORE_ORGANIZATION    acme                                               environment
SEMAPHORE_AGENT_SUBNETS   subnet-aaaaaaaaaaaaaaaaa,subnet-bbbbbbbbbbbbbbbbb  semagent.yaml:12
SEMAPHORE_AGENT_KEY_NAME
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got:%s", got)
	}
}

func TestTableGivesWayOnATerminal(t *testing.T) {
	tests := map[string]struct {
		width int
		want  string
	}{
		"flexible column": {64, `
SETTING                   VALUE                 SOURCE
SEMAPHORE_ORGANIZATION    acme                  environment
SEMAPHORE_AGENT_SUBNETS   subnet-aaaaaaaaaaaa…  semagent.yaml:12
SEMAPHORE_AGENT_KEY_NAME
`},
		"then the rest": {40, `
SETTING                   VALUE     SOU…
SEMAPHORE_ORGANIZATION    acme      env…
SEMAPHORE_AGENT_SUBNETS   subnet-…  sem…
SEMAPHORE_AGENT_KEY_NAME
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			environ := []string{"NO_COLOR=1", "LANG=C.UTF-8"}
			s := ui.NewTerminal(nil, &out, &out, environ, size(tt.width, 24))
			if err := settings().Write(s.Out); err != nil {
				t.Fatal(err)
			}
			if got := "\n" + out.String(); got != tt.want {
				t.Errorf("got:%s", got)
			}
		})
	}
}

func TestTableAlignsColour(t *testing.T) {
	s := terminal()
	table := ui.Table{Indent: "  ", Rows: [][]string{{s.Out.Style().Red("x"), "1"}, {"yyy", "2"}}}
	lines := table.Lines(0, s.Out)
	if lines[0] != "  \x1b[31mx\x1b[0m    1" || lines[1] != "  yyy  2" {
		t.Errorf("got %q", lines)
	}
}

func TestEmptyTable(t *testing.T) {
	if err := (ui.Table{}).Write(ui.New(nil, brokenWriter{}, brokenWriter{}, nil).Out); err != nil {
		t.Errorf("an empty table was written: %v", err)
	}
}

func TestTableReportsAFailedWrite(t *testing.T) {
	err := settings().Write(ui.New(nil, brokenWriter{}, brokenWriter{}, nil).Out)
	if !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("broken pipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestTableHeaderIsBold(t *testing.T) {
	lines := settings().Lines(0, terminal().Out)
	if !strings.HasPrefix(lines[0], "\x1b[1mSETTING") {
		t.Errorf("got %q", lines[0])
	}
}
