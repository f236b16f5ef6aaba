package awsfake

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// filterable is what EC2's Describe calls can pick by filter: attribute gives the values behind a filter's name, and whether the
// resource has such a filter at all.
type filterable interface {
	attribute(name string) (values []string, known bool)
	tagMap() map[string]string
}

// choose picks from all what the call names in idParam.N, or everything, and then by its filters; in the order of the identifiers,
// one page of it. An identifier that is not there is the error that missing makes of it.
func choose[T filterable](c *call, all map[string]T, idParam string, missing func(id string) error) ([]T, string, error) {
	ids := wire.Strings(c.form, idParam)
	for _, id := range ids {
		if _, ok := all[id]; !ok {
			return nil, "", missing(id)
		}
	}
	if len(ids) == 0 {
		ids = sortedKeys(all)
	}
	var out []T
	for _, id := range ids {
		ok, err := passes(c, all[id])
		if err != nil {
			return nil, "", err
		}
		if ok {
			out = append(out, all[id])
		}
	}
	limit, _ := strconv.Atoi(c.form.Get("MaxResults"))
	return page(out, c.form.Get("NextToken"), limitOf(limit, 1000, 1000), "InvalidPaginationToken")
}

func passes(c *call, r filterable) (bool, error) {
	for _, prefix := range wire.Each(c.form, "Filter") {
		name, wanted := c.form.Get(prefix+".Name"), wire.Strings(c.form, prefix+".Value")
		values, err := filterValues(r, name)
		if err != nil {
			return false, err
		}
		if !slices.ContainsFunc(values, func(v string) bool { return matchesAny(wanted, v) }) {
			return false, nil
		}
	}
	return true, nil
}

func filterValues(r filterable, name string) ([]string, error) {
	if key, ok := strings.CutPrefix(name, "tag:"); ok {
		if v, ok := r.tagMap()[key]; ok {
			return []string{v}, nil
		}
		return nil, nil
	}
	if name == "tag-key" {
		return sortedKeys(r.tagMap()), nil
	}
	values, known := r.attribute(name)
	if !known {
		return nil, wire.Errorf("InvalidParameterValue", "The filter '%s' is invalid", name)
	}
	return values, nil
}

// matchesAny compares as EC2 does, with * and ? as wildcards.
func matchesAny(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		// Slashes and brackets mean nothing to EC2, but would to path.Match.
		plain := strings.NewReplacer("/", "\x00", "[", `\[`, `\`, `\\`)
		ok, err := path.Match(plain.Replace(p), strings.ReplaceAll(value, "/", "\x00"))
		return err == nil && ok
	})
}

// one is a single value, if it is not empty.
func one(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}
