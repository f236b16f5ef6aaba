package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// delta is one difference between two values. A side is absent{} where there is nothing on it.
type delta struct {
	path    string // as Statement[0].Action; empty when the whole value differs
	before  any    // string, json.Number, bool, nil, []any, map[string]any, absent
	after   any
	decoded bool // the sides are text that the template holds in base64
}

type absent struct{}

func isAbsent(value any) bool {
	_, is := value.(absent)
	return is
}

// comparison collects the differences of one property. Its values are what encoding/json makes of them, and a
// string that itself holds a JSON object or array is looked into as well.
type comparison struct {
	within string // sign between a string's path and the path inside it
	deltas []delta
}

// compareText compares two values as CloudFormation reports them: as strings, JSON where they are structures. name is
// the property's last name, by which user data is known.
func compareText(name, before, after, within string) []delta {
	c := &comparison{within: within}
	c.values("", name, before, after)
	return c.deltas
}

func (c *comparison) values(path, name string, before, after any) {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			c.objects(path, b, a)
			return
		}
	case []any:
		if a, ok := after.([]any); ok {
			c.lists(path, name, b, a)
			return
		}
	case string:
		if a, ok := after.(string); ok {
			c.strings(path, name, b, a)
			return
		}
	}
	if canonical(before) != canonical(after) {
		c.add(path, name, before, after)
	}
}

func (c *comparison) objects(path string, before, after map[string]any) {
	names := slices.Collect(maps.Keys(before))
	for name := range after {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		c.sides(member(path, name), name, side(before, name), side(after, name))
	}
}

func (c *comparison) sides(path, name string, before, after any) {
	if isAbsent(before) || isAbsent(after) {
		c.add(path, name, before, after)
		return
	}
	c.values(path, name, before, after)
}

func side(object map[string]any, name string) any {
	if value, ok := object[name]; ok {
		return value
	}
	return absent{}
}

func (c *comparison) strings(path, name, before, after string) {
	if before == after {
		return
	}
	b, a := structure(before), structure(after)
	if b == nil || a == nil {
		c.add(path, name, before, after)
		return
	}
	part := &comparison{within: c.within}
	part.values("", name, b, a)
	for _, d := range part.deltas {
		d.path = inside(path, c.within, d.path)
		c.deltas = append(c.deltas, d)
	}
}

func (c *comparison) add(path, name string, before, after any) {
	d := delta{path: path, before: before, after: after}
	if name == "UserData" {
		d.before, d.after = userData(before), userData(after)
		d.decoded = canonical(d.before) != canonical(before) || canonical(d.after) != canonical(after)
	}
	c.deltas = append(c.deltas, d)
}

// lists compares element by element: by a member that names the elements where there is one, else by content, so
// that an element put in front does not make all others look changed.
func (c *comparison) lists(path, name string, before, after []any) {
	if key := namingMember(before, after); key != "" {
		c.named(path, key, before, after)
		return
	}
	b, a := canonicals(before), canonicals(after)
	for _, h := range hunks(b, a) {
		both := min(h.beforeEnd-h.before, h.afterEnd-h.after)
		for i := range both {
			c.values(element(path, strconv.Itoa(h.after+i)), name, before[h.before+i], after[h.after+i])
		}
		for i := h.before + both; i < h.beforeEnd; i++ {
			c.add(element(path, strconv.Itoa(i)), name, before[i], absent{})
		}
		for i := h.after + both; i < h.afterEnd; i++ {
			c.add(element(path, strconv.Itoa(i)), name, absent{}, after[i])
		}
	}
}

func (c *comparison) named(path, key string, before, after []any) {
	b, a := byName(before, key), byName(after, key)
	for _, item := range before {
		name := nameOf(item, key)
		c.sides(element(path, name), name, b[name], side(a, name))
	}
	for _, item := range after {
		if name := nameOf(item, key); isAbsent(side(b, name)) {
			c.add(element(path, name), name, absent{}, a[name])
		}
	}
	if order, now := names(before, key, a), names(after, key, b); canonical(order) != canonical(now) {
		c.add(element(path, "order"), "", order, now)
	}
}

// names lists the names of those elements that other has too.
func names(list []any, key string, other map[string]any) []any {
	var common []any
	for _, item := range list {
		if name := nameOf(item, key); !isAbsent(side(other, name)) {
			common = append(common, name)
		}
	}
	return common
}

// namingMember is the member whose value is a different string in each element of a list, of both lists alike.
func namingMember(before, after []any) string {
	for _, key := range []string{"Key", "Sid", "Name", "Id", "DeviceName", "PolicyName"} {
		if len(byName(before, key)) == len(before) && len(byName(after, key)) == len(after) && len(before)+len(after) > 0 {
			return key
		}
	}
	return ""
}

func byName(list []any, key string) map[string]any {
	named := map[string]any{}
	for _, item := range list {
		if name := nameOf(item, key); name != "" {
			named[name] = item
		}
	}
	return named
}

func nameOf(item any, key string) string {
	object, _ := item.(map[string]any)
	name, _ := object[key].(string)
	return name
}

// structure is the object or array that text holds, nil when it holds something else.
func structure(text string) any {
	if text = strings.TrimSpace(text); text == "" || (text[0] != '{' && text[0] != '[') {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil
	}
	return value
}

// canonical is the same text for equal values. encoding/json sorts an object's members.
func canonical(value any) string {
	if isAbsent(value) {
		return ""
	}
	return compactJSON(value)
}

func compactJSON(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return strconv.Quote(err.Error())
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func canonicals(list []any) []string {
	texts := make([]string, len(list))
	for i, value := range list {
		texts[i] = canonical(value)
	}
	return texts
}

// userData undoes the base64 that EC2 wants user data in, where text comes out of it.
func userData(value any) any {
	encoded, ok := value.(string)
	if !ok || encoded == "" {
		return value
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !isText(string(decoded)) {
		return value
	}
	return string(decoded)
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r)
	})
}
