package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// resolve stores every setting's effective value. A broken one leaves its field at the default.
func (l *loader) resolve() *Config {
	cfg := &Config{}
	for _, row := range l.schema {
		g, set := l.given[row.name]
		if !set {
			g = given{text: row.fallback, source: Source{Kind: FromDefault}}
		}
		value, f := l.parse(row, g)
		if f != (fault{}) {
			l.report(Problem{
				Setting: row.name, Value: g.written(), Source: g.source, Message: f.message, Fix: f.fix,
			})
			value, _ = l.parse(row, given{text: row.fallback})
		}
		row.store(cfg, value)
		shown := ""
		if !g.empty() {
			shown = value.written(row.kind)
		}
		cfg.values = append(cfg.values, Value{Setting: row.name, Text: shown, Source: g.source})
	}
	return cfg
}

// written is the value as the user wrote it, near enough for a message.
func (g given) written() string {
	if g.sequence {
		return strings.Join(g.items, ",")
	}
	return g.text
}

func (p parsed) written(k kind) string {
	switch k {
	case integer:
		return strconv.Itoa(p.number)
	case boolean:
		return strconv.FormatBool(p.truth)
	case list:
		return strings.Join(p.items, ",")
	default:
		return p.text
	}
}

func (l *loader) parse(row setting, g given) (parsed, fault) {
	if g.empty() {
		return parsed{}, fault{}
	}
	if !g.sequence && g.text != strings.TrimSpace(g.text) {
		return parsed{}, fault{"begins or ends with white space", "remove it"}
	}
	switch row.kind {
	case integer:
		return parseInteger(row, g.text)
	case boolean:
		return parseBoolean(g.text)
	case list:
		return parseList(row, g)
	default:
		return l.parseText(row, g.text)
	}
}

func parseInteger(row setting, value string) (parsed, fault) {
	least, most := row.bounds()
	fix := fmt.Sprintf("give a whole number from %d to %d", least, most)
	if strings.Trim(value, "0123456789") != "" {
		return parsed{}, fault{"not a whole number", fix}
	}
	n, err := strconv.ParseInt(value, 10, 32)
	switch {
	case err != nil, int(n) > most:
		return parsed{}, fault{"too large", fix}
	case int(n) < least:
		return parsed{}, fault{"too small", fix}
	}
	if row.check != nil {
		return parsed{number: int(n)}, row.check(value)
	}
	return parsed{number: int(n)}, fault{}
}

func (row setting) bounds() (least, most int) {
	if row.most == 0 {
		return row.least, math.MaxInt32
	}
	return row.least, row.most
}

func parseBoolean(value string) (parsed, fault) {
	switch strings.ToLower(value) {
	case "true":
		return parsed{truth: true}, fault{}
	case "false":
		return parsed{}, fault{}
	}
	return parsed{}, fault{"neither true nor false", `give "true" or "false"`}
}

func (l *loader) parseText(row setting, value string) (parsed, fault) {
	if row.clean != nil {
		cleaned, warning := row.clean(value)
		if warning != "" {
			l.warn(warning)
		}
		value = cleaned
	}
	return parsed{text: value}, row.inspect(value)
}

func parseList(row setting, g given) (parsed, fault) {
	items := g.items
	if !g.sequence {
		for item := range strings.SplitSeq(g.text, ",") {
			items = append(items, strings.TrimSpace(item))
		}
	}
	for i, item := range items {
		if item == "" {
			return parsed{}, fault{"has an empty item", row.fix}
		}
		if slices.Contains(items[:i], item) {
			return parsed{}, fault{"names " + quote(item) + " twice", "name each once"}
		}
		if f := row.inspect(item); f != (fault{}) {
			f.message = "item " + quote(item) + ": " + f.message
			return parsed{}, f
		}
	}
	return parsed{items: items}, fault{}
}

// inspect checks one text against the row's rules.
func (row setting) inspect(value string) fault {
	if f := checkInert(value); f != (fault{}) {
		return f
	}
	if !regexp.MustCompile(row.pattern).MatchString(value) {
		return fault{"not " + row.shape, row.fix}
	}
	if row.maxLength > 0 && len(value) > row.maxLength {
		return fault{fmt.Sprintf("%d characters long, and %d are allowed", len(value), row.maxLength), row.fix}
	}
	if row.check != nil {
		return row.check(value)
	}
	return fault{}
}
