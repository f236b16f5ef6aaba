package ui

// Style wraps strings in the terminal's colour codes. The zero Style leaves them alone. Colour only repeats what
// words or symbols already say.
type Style struct{ on bool }

// Bold makes s stand out.
func (s Style) Bold(text string) string { return s.wrap("1", text) }

// Dim is for what a reader may skip.
func (s Style) Dim(text string) string { return s.wrap("2", text) }

// Red is for failures and removals.
func (s Style) Red(text string) string { return s.wrap("31", text) }

// Green is for success and additions.
func (s Style) Green(text string) string { return s.wrap("32", text) }

// Yellow is for changes and warnings.
func (s Style) Yellow(text string) string { return s.wrap("33", text) }

// Cyan is for hints and work in progress.
func (s Style) Cyan(text string) string { return s.wrap("36", text) }

func (s Style) wrap(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Symbols are the signs a stream can show. Each is one column wide except Arrow, Ellipsis and PlusMinus, which
// take two or three in ASCII.
type Symbols struct {
	Arrow             string
	Ellipsis          string
	PlusMinus         string
	Within            string // between a value's name and a path inside the value
	Check, Cross      string
	BarFull, BarEmpty string
	Spinner           []string // frames, shown in turn
}

func unicodeSymbols() Symbols {
	return Symbols{
		Arrow: "→", Ellipsis: "…", PlusMinus: "±", Within: "·",
		Check: "✓", Cross: "✗",
		BarFull: "█", BarEmpty: "░",
		Spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
	}
}

func asciiSymbols() Symbols {
	return Symbols{
		Arrow: "->", Ellipsis: "...", PlusMinus: "+/-", Within: ">",
		Check: "*", Cross: "x",
		BarFull: "#", BarEmpty: ".",
		Spinner: []string{"|", "/", "-", `\`},
	}
}
