package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/semagent/semagent/internal/ui"
)

const program = "semagent: "

// Error writes why a command failed and, where hint is not empty, what to do next. Each of them may have several
// lines; those after the first are indented and can be pasted.
func Error(out *ui.Output, err error, hint string) error {
	style := out.Style()
	text := program + style.Red("error:") + " " + hanging(err.Error()) + "\n"
	if hint != "" {
		text += program + style.Cyan("hint:") + " " + hanging(hint) + "\n"
	}
	_, werr := io.WriteString(out, text)
	return werr
}

// ErrorJSON writes the same as one line of JSON with the exit code in it. hint is null where there is none.
func ErrorJSON(w io.Writer, err error, hint string, code int) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Error string  `json:"error"`
		Hint  *string `json:"hint"`
		Code  int     `json:"code"`
	}{err.Error(), orNull(hint), code})
}

// Warning writes something that does not stop the command.
func Warning(out *ui.Output, text string) error {
	_, err := fmt.Fprintf(out, "%s%s %s\n", program, out.Style().Yellow("warning:"), hanging(text))
	return err
}

// hanging indents the lines after the first and makes control characters harmless.
func hanging(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = visible(line)
		if i > 0 && line != "" {
			lines[i] = "  " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}
