package cli

// outcome is how a command that changes something ended, as its last line under --output json.
type outcome struct {
	Stack     string   `json:"stack,omitempty"`
	Region    string   `json:"region,omitempty"`
	Status    string   `json:"status"`
	ChangeSet string   `json:"changeSet,omitempty"`
	Kept      []string `json:"kept,omitempty"`
}

// done says how a command ended: o for programs, the sentence for people.
func (a *app) done(o outcome, format string, args ...any) error {
	if a.json() {
		return a.printLine(o)
	}
	a.printf(format, args...)
	return nil
}
