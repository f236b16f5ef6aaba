package wire

import (
	"net/url"
	"strconv"
	"strings"
)

// Strings are the values of prefix.1, prefix.2 and so on, up to the first that is missing; nil when there is none.
func Strings(form url.Values, prefix string) []string {
	var out []string
	for i := 1; form.Has(prefix + "." + strconv.Itoa(i)); i++ {
		out = append(out, form.Get(prefix+"."+strconv.Itoa(i)))
	}
	return out
}

// Pair is one entry of a list of keys and values, in the order in which the client sent it.
type Pair struct{ Key, Value string }

// Pairs are the entries prefix.N.key and prefix.N.value, such as Pairs(form, "Tags.member", "Key", "Value"), up to the first
// that has neither.
func Pairs(form url.Values, prefix, key, value string) []Pair {
	var out []Pair
	for i := 1; ; i++ {
		k, v := prefix+"."+strconv.Itoa(i)+"."+key, prefix+"."+strconv.Itoa(i)+"."+value
		if !form.Has(k) && !form.Has(v) {
			return out
		}
		out = append(out, Pair{form.Get(k), form.Get(v)})
	}
}

// Each are the prefixes prefix.1, prefix.2 and so on of a list of structures, up to the first that no field follows.
func Each(form url.Values, prefix string) []string {
	seen := map[int]bool{}
	for name := range form {
		rest, ok := strings.CutPrefix(name, prefix+".")
		number, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(number); ok && err == nil {
			seen[n] = true
		}
	}
	var out []string
	for i := 1; seen[i]; i++ {
		out = append(out, prefix+"."+strconv.Itoa(i))
	}
	return out
}
