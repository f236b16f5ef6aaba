package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/semagent/semagent/internal/secret"
)

const plain = "s3cr3t-registration-t0ken"

func token(t *testing.T, text string) secret.Token {
	t.Helper()
	got, err := secret.ReadToken(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestReadToken(t *testing.T) {
	longest := strings.Repeat("x", secret.MaxTokenSize)
	for name, test := range map[string]struct{ text, want, reason string }{
		"as it is":          {plain, plain, ""},
		"newline":           {plain + "\n", plain, ""},
		"Windows newline":   {plain + "\r\n", plain, ""},
		"punctuation":       {"a+/=_-.~!\n", "a+/=_-.~!", ""},
		"longest":           {longest + "\r\n", longest, ""},
		"too long":          {longest + "x", "", "is longer than 4096 bytes"},
		"much too long":     {longest + longest, "", "is longer than 4096 bytes"},
		"nothing":           {"", "", "is empty"},
		"only a newline":    {"\n", "", "is empty"},
		"two newlines":      {plain + "\n\n", "", "has more than one line"},
		"two lines":         {plain + "\n" + plain, "", "has more than one line"},
		"lone return":       {plain + "\r", "", "has more than one line"},
		"space inside":      {"s3cr3t t0ken", "", "has spaces in it"},
		"space before":      {" " + plain, "", "has spaces in it"},
		"tab":               {plain + "\t", "", "has spaces in it"},
		"control character": {plain + "\x1b[0m", "", "has characters that are not printable ASCII: a byte order mark, or another encoding"},
		"byte order mark":   {"\ufeff" + plain, "", "has characters that are not printable ASCII: a byte order mark, or another encoding"},
		"invalid UTF-8":     {"a\xff", "", "has characters that are not printable ASCII: a byte order mark, or another encoding"},
		"no-break space":    {"a\u00a0b", "", "has characters that are not printable ASCII: a byte order mark, or another encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := secret.ReadToken(strings.NewReader(test.text))
			if got.Expose() != test.want {
				t.Errorf("token %q, want %q", got.Expose(), test.want)
			}
			var invalid *secret.InvalidTokenError
			if errors.As(err, &invalid) != (test.reason != "") || invalid != nil && invalid.Reason != test.reason {
				t.Errorf("error %v, want reason %q", err, test.reason)
			}
			if got.IsZero() != (err != nil) {
				t.Errorf("IsZero = %v beside error %v", got.IsZero(), err)
			}
		})
	}
}

func TestReadTokenPassesReadErrors(t *testing.T) {
	if _, err := secret.ReadToken(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}

func TestTokenShowsNothing(t *testing.T) {
	tok := token(t, plain)
	type hidden struct{ inner secret.Token }
	type shown struct{ Inner secret.Token }
	values := map[string]any{
		"token": tok, "pointer": &tok, "unexported field": hidden{tok}, "pointer to struct": &hidden{tok}, "exported field": shown{tok},
		"slice": []secret.Token{tok}, "map": map[string]secret.Token{"a": tok}, "map key": map[secret.Token]int{tok: 1},
		"unexported slice": struct{ s []secret.Token }{[]secret.Token{tok}},
		"input":            secret.PutInput{Name: "x", Token: tok},
		"error":            fmt.Errorf("wrap %v", tok),
	}
	for name, value := range values {
		var text bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
			_, _ = fmt.Fprintf(&text, verb+"\n", value)
		}
		_, _ = fmt.Fprintln(&text, value)
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "value", value)
		slog.New(slog.NewJSONHandler(&text, nil)).Info("m", "value", value)
		marshalled, _ := json.Marshal(value)
		text.Write(marshalled)
		for _, form := range []string{plain, fmt.Sprintf("%x", plain), fmt.Sprintf("%X", plain), strings.Trim(fmt.Sprintf("%d", []byte(plain)), "[]")} {
			if strings.Contains(text.String(), form) {
				t.Errorf("%s shows the token:\n%s", name, text.String())
			}
		}
	}
}

func TestTokenSaysWhatItIs(t *testing.T) {
	tok := token(t, plain)
	marshalled, err := json.Marshal(map[string]any{"t": tok})
	if err != nil {
		t.Fatal(err)
	}
	text, err := tok.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"String": tok.String(), "GoString": tok.GoString(), "%v": fmt.Sprintf("%v", tok), "%#v": fmt.Sprintf("%#v", tok), "%x": fmt.Sprintf("%x", tok),
		"LogValue": tok.LogValue().String(), "MarshalText": string(text),
		"MarshalJSON": strings.TrimSuffix(strings.TrimPrefix(string(marshalled), `{"t":"`), `"}`),
	} {
		if got != "[registration token]" {
			t.Errorf("%s gives %q", name, got)
		}
	}
}

func FuzzReadToken(f *testing.F) {
	for _, seed := range []string{plain, plain + "\n", "", "a b", "\ufeffx", "a\r\n", "a\n\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := secret.ReadToken(bytes.NewReader(text))
		if err != nil {
			// Words of the error itself may occur in what was read.
			if len(text) > 60 && strings.Contains(err.Error(), string(text)) {
				t.Errorf("the error repeats what was read: %v", err)
			}
			return
		}
		value := got.Expose()
		if value == "" || len(value) > secret.MaxTokenSize || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("accepted %q", value)
		}
		if rest := strings.TrimPrefix(string(text), value); rest != "" && rest != "\n" && rest != "\r\n" {
			t.Errorf("dropped %q", rest)
		}
	})
}
