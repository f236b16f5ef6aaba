package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const timeLayout = "2006-01-02T15:04:05.000Z"

// encoder writes Go values as the XML of one protocol.
//
// A struct's exported fields are elements named after them; the tag `wire:"name,opt..."` renames one, and the options are
// omitempty (leave out a zero value), flat (a list's elements repeat without a wrapper) and item=Name (what a list's elements
// are called). Nil pointers, nil interfaces and nil slices are left out. Embedded structs are inlined.
type encoder struct {
	buf   bytes.Buffer
	item  string // default name of a list's elements
	lower bool   // element names begin in lower case, as EC2's do
}

type fieldTag struct {
	name, item      string
	omitEmpty, flat bool
}

func (e *encoder) tag(f reflect.StructField) fieldTag {
	name, opts, _ := strings.Cut(f.Tag.Get("wire"), ",")
	t := fieldTag{name: name, item: e.item}
	if t.name == "" {
		t.name = e.fieldName(f.Name)
	}
	for o := range strings.SplitSeq(opts, ",") {
		switch {
		case o == "omitempty":
			t.omitEmpty = true
		case o == "flat":
			t.flat = true
		case strings.HasPrefix(o, "item="):
			t.item = strings.TrimPrefix(o, "item=")
		}
	}
	return t
}

func (e *encoder) fieldName(name string) string {
	if !e.lower {
		return name
	}
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(r)) + name[n:]
}

func (e *encoder) open(name string, attrs ...string) {
	e.buf.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			e.buf.WriteString(" " + attrs[i] + `="`)
			e.text(attrs[i+1])
			e.buf.WriteString(`"`)
		}
	}
	e.buf.WriteString(">")
}

func (e *encoder) close(name string) { e.buf.WriteString("</" + name + ">") }

func (e *encoder) text(s string) {
	_ = xml.EscapeText(&e.buf, []byte(s)) // a bytes.Buffer takes every write
}

func (e *encoder) element(name, value string) {
	e.open(name)
	e.text(value)
	e.close(name)
}

// content writes what stands between an element's tags.
func (e *encoder) content(v reflect.Value, item string) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if t, ok := reflect.TypeAssert[time.Time](v); ok {
		e.buf.WriteString(t.UTC().Format(timeLayout))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		e.fields(v)
	case reflect.Slice, reflect.Array:
		e.list(v, item)
	case reflect.Map:
		e.entries(v)
	default:
		e.text(scalar(v))
	}
}

func (e *encoder) fields(v reflect.Value) {
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		if f.Anonymous && value.Kind() == reflect.Struct {
			e.fields(value)
			continue
		}
		if f.IsExported() && f.Tag.Get("wire") != "-" {
			e.field(e.tag(f), value)
		}
	}
}

func (e *encoder) field(t fieldTag, v reflect.Value) {
	if absent(v) || t.omitEmpty && empty(v) {
		return
	}
	if t.flat {
		for i := range v.Len() {
			e.open(t.name)
			e.content(v.Index(i), e.item)
			e.close(t.name)
		}
		return
	}
	e.open(t.name)
	e.content(v, t.item)
	e.close(t.name)
}

func (e *encoder) list(v reflect.Value, item string) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		e.text(base64.StdEncoding.EncodeToString(v.Bytes()))
		return
	}
	for i := range v.Len() {
		e.open(item)
		e.content(v.Index(i), e.item)
		e.close(item)
	}
}

// entries writes a map as the Query protocol does, in the order of its keys.
func (e *encoder) entries(v reflect.Value) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		e.open("entry")
		e.element("key", k.String())
		e.open("value")
		e.content(v.MapIndex(k), e.item)
		e.close("value")
		e.close("entry")
	}
}

func scalar(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	default:
		return fmt.Sprint(v.Interface())
	}
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return v.IsNil()
	default:
		return false
	}
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}
