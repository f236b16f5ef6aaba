package wire_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type inner struct {
	Key string
	N   int `wire:",omitempty"`
}

type answer struct {
	StackId string
	Renamed string `wire:"Other"`
	Hidden  string `wire:"-"`
	Empty   string `wire:",omitempty"`
	Blank   string
	Flag    bool
	Ratio   float64
	At      time.Time
	Never   time.Time `wire:",omitempty"`
	Maybe   *string
	List    []inner
	None    []string
	Nothing []string `wire:",omitempty"`
	Flat    []string `wire:"Item,flat"`
	Named   []string `wire:"Buckets,item=Bucket"`
	Map     map[string]string
	Any     any
	embedded
}

type embedded struct{ Inlined string }

func sample() answer {
	return answer{
		StackId: "a<b&c", Renamed: "r", Hidden: "h", Flag: true, Ratio: 1.5, At: time.Date(2026, 11, 23, 16, 0, 0, 5e6, time.UTC), List: []inner{{"x", 1}, {"y", 0}},
		None: []string{}, Nothing: []string{}, Flat: []string{"1", "2"}, Named: []string{"b"}, Map: map[string]string{"k2": "v2", "k1": "v1"}, embedded: embedded{"in"},
	}
}

// body is what write answers, with the request's ID made constant.
func body(t *testing.T, status int, write func(w http.ResponseWriter)) string {
	t.Helper()
	rec := httptest.NewRecorder()
	write(rec)
	if rec.Code != status {
		t.Errorf("got status %d, want %d", rec.Code, status)
	}
	return regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).ReplaceAllString(rec.Body.String(), "ID")
}

func TestXML(t *testing.T) {
	const fields = `<StackId>a&lt;b&amp;c</StackId><Other>r</Other><Blank></Blank><Flag>true</Flag><Ratio>1.5</Ratio><At>2026-11-23T16:00:00.005Z</At>` +
		`<List><member><Key>x</Key><N>1</N></member><member><Key>y</Key></member></List><None></None><Item>1</Item><Item>2</Item><Buckets><Bucket>b</Bucket></Buckets>` +
		`<Map><entry><key>k1</key><value>v1</value></entry><entry><key>k2</key><value>v2</value></entry></Map><Inlined>in</Inlined>`
	lower := strings.NewReplacer("StackId>", "stackId>", "Blank>", "blank>", "Flag>", "flag>", "Ratio>", "ratio>", "<At>", "<at>", "</At>", "</at>", "List>", "list>", "<Key>", "<key>",
		"</Key>", "</key>", "<N>", "<n>", "</N>", "</n>", "None>", "none>", "Map>", "map>", "Inlined>", "inlined>", "member>", "item>")
	tests := map[string]struct{ got, want string }{
		"query":     {body(t, 200, func(w http.ResponseWriter) { wire.WriteQuery(w, "Do", "ns", sample()) }), `<DoResponse xmlns="ns"><DoResult>` + fields + `</DoResult><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></DoResponse>`},
		"no result": {body(t, 200, func(w http.ResponseWriter) { wire.WriteQuery(w, "Do", "ns", nil) }), `<DoResponse xmlns="ns"><DoResult></DoResult><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></DoResponse>`},
		"EC2":       {body(t, 200, func(w http.ResponseWriter) { wire.WriteEC2(w, "Do", "ns", sample()) }), `<DoResponse xmlns="ns"><requestId>ID</requestId>` + lower.Replace(fields) + `</DoResponse>`},
		"S3":        {body(t, 200, func(w http.ResponseWriter) { wire.WriteS3(w, "Root", sample()) }), `<?xml version="1.0" encoding="UTF-8"?><Root xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + fields + `</Root>`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	failure := fmt.Errorf("wrapped: %w", wire.Errorf("ValidationError", "no %q", "x"))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/b/k", nil)
	tests := map[string]struct{ got, want string }{
		"query":    {body(t, 400, func(w http.ResponseWriter) { wire.WriteQueryError(w, failure) }), `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>no &#34;x&#34;</Message></Error><RequestId>ID</RequestId></ErrorResponse>`},
		"EC2":      {body(t, 400, func(w http.ResponseWriter) { wire.WriteEC2Error(w, failure) }), `<Response><Errors><Error><Code>ValidationError</Code><Message>no &#34;x&#34;</Message></Error></Errors><RequestID>ID</RequestID></Response>`},
		"JSON":     {body(t, 400, func(w http.ResponseWriter) { wire.WriteJSONError(w, "1.1", failure) }), `{"__type":"ValidationError","message":"no \"x\""}`},
		"RESTJSON": {body(t, 400, func(w http.ResponseWriter) { wire.WriteJSONError(w, "", failure) }), `{"Message":"no \"x\"","Type":"User"}`},
		"S3":       {body(t, 400, func(w http.ResponseWriter) { wire.WriteS3Error(w, request, failure, "Key", "k") }), `<?xml version="1.0" encoding="UTF-8"?><Error><Code>ValidationError</Code><Message>no &#34;x&#34;</Message><Key>k</Key><RequestId>ID</RequestId></Error>`},
		"S3 HEAD": {body(t, 400, func(w http.ResponseWriter) {
			wire.WriteS3Error(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/", nil), failure)
		}), ``},
		"internal": {body(t, 500, func(w http.ResponseWriter) { wire.WriteQueryError(w, errors.New("bug")) }), `<ErrorResponse><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>bug</Message></Error><RequestId>ID</RequestId></ErrorResponse>`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	at := wire.Epoch(time.UnixMilli(1795452523060))
	got := body(t, 200, func(w http.ResponseWriter) {
		wire.WriteJSON(w, "1.1", map[string]any{"At": at, "Never": wire.Epoch{}})
	})
	if want := `{"At":1795452523.060,"Never":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := body(t, 200, func(w http.ResponseWriter) { wire.WriteJSON(w, "1.0", nil) }); got != "{}" {
		t.Errorf("got %s", got)
	}
	if got := body(t, 500, func(w http.ResponseWriter) { wire.WriteJSON(w, "1.0", func() {}) }); !strings.Contains(got, "InternalFailure") {
		t.Errorf("got %s", got)
	}
}

func TestForms(t *testing.T) {
	form, err := url.ParseQuery("Names.member.1=a&Names.member.2=b&Names.member.4=lost&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=only&F.1.Name=n&F.1.Value.1=x&F.2.Name=m&F.10.Name=lost")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, wire.Strings(form, "Names.member")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]wire.Pair{{Key: "k", Value: "v"}, {Key: "only"}}, wire.Pairs(form, "Tags.member", "Key", "Value")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"F.1", "F.2"}, wire.Each(form, "F")); diff != "" {
		t.Error(diff)
	}
	if got := wire.Strings(form, "Absent"); got != nil {
		t.Errorf("got %v", got)
	}
}

// Whatever a value holds, the answer stays well-formed and gives it back.
func FuzzXMLText(f *testing.F) {
	for _, s := range []string{"", "a<b>&\"'", "]]>", "\x00", "é\u2028", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rec := httptest.NewRecorder()
		wire.WriteQuery(rec, "Do", s, struct{ V string }{s})
		d := xml.NewDecoder(rec.Body)
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%q makes malformed XML: %v", s, err)
			}
		}
	})
}
