package template

import "testing"

// A whole `semagent template` has 50 ms; this is what Build takes of them.
func BenchmarkBuild(b *testing.B) {
	in := inputs(nil)
	for b.Loop() {
		if _, err := Build(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkYAML(b *testing.B) {
	doc := mustBuild(b, inputs(nil))
	for b.Loop() {
		if _, err := doc.YAML(); err != nil {
			b.Fatal(err)
		}
	}
}
