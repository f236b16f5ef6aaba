package awsfake

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// page cuts a list for one answer: from the entry that token names, at most limit entries; next is empty at the end. Tokens are
// opaque to clients, and bad ones are refused with the given code.
func page[T any](all []T, token string, limit int, badToken string) (out []T, next string, err error) {
	start, err := tokenStart(token)
	if err != nil || start > len(all) {
		return nil, "", wire.Errorf(badToken, "The specified token is not valid.")
	}
	end := min(start+limit, len(all))
	if end < len(all) {
		next = tokenFor(end)
	}
	return all[start:end], next, nil
}

func tokenFor(position int) string {
	return base64.StdEncoding.EncodeToString([]byte("from:" + strconv.Itoa(position)))
}

func tokenStart(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	text, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(string(text), "from:"), 10, 31)
	return int(n), err
}

// limitOf is a page's size: what was asked for within 1 and most, or usual.
func limitOf(asked, usual, most int) int {
	if asked <= 0 {
		return usual
	}
	return min(asked, most)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
