package imds

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	ttlHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	longestTTL  = 21600
)

// ServeHTTP answers as the service does: a PUT for a token first, and with it GETs.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/latest/")
	delay, status := s.next(path)
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return
	}
	switch {
	case status != 0:
		http.Error(w, http.StatusText(status), status)
	case r.Method == http.MethodPut && path == "api/token":
		s.putToken(w, r)
	case r.Method != http.MethodGet:
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
	case !s.good(r.Header.Get(tokenHeader)):
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	default:
		s.get(w, r, path)
	}
}

// next counts a request, and says how long its answer takes and which status spoils it.
func (s *Server) next(path string) (delay time.Duration, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[path]++
	if len(s.broken) > 0 {
		status, s.broken = s.broken[0], s.broken[1:]
	}
	return s.delay, status
}

func (s *Server) good(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.tokens[token])
}

// putToken refuses proxied requests, as the service does, and leaves those too far away without an answer: the packet's
// time to live has run out on its way.
func (s *Server) putToken(w http.ResponseWriter, r *http.Request) {
	if s.opts.Hops > s.opts.HopLimit {
		<-r.Context().Done()
		return
	}
	ttl, err := strconv.Atoi(r.Header.Get(ttlHeader))
	switch {
	case r.Header.Get("X-Forwarded-For") != "":
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	case err != nil || ttl < 1 || ttl > longestTTL:
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	token := rand.Text()
	s.mu.Lock()
	s.tokens[token] = time.Now().Add(time.Duration(ttl) * time.Second)
	s.mu.Unlock()
	w.Header().Set(ttlHeader, strconv.Itoa(ttl))
	fmt.Fprint(w, token)
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, path string) {
	role := s.opts.Role
	values := map[string]string{
		"meta-data/instance-id":               s.opts.InstanceID,
		"meta-data/placement/region":          s.opts.Region,
		"meta-data/services/domain":           "amazonaws.com",
		"dynamic/instance-identity/document":  s.document(),
		"user-data":                           s.opts.UserData,
		"meta-data/iam/security-credentials/": role,
		"meta-data/iam/security-credentials":  role,
	}
	if role != "" {
		values["meta-data/iam/security-credentials/"+role] = credentials()
	}
	value := values[path]
	if value == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(value)) // a client that has gone needs no answer
}

func (s *Server) document() string {
	return encode(map[string]string{
		"accountId": s.opts.Account, "region": s.opts.Region, "instanceId": s.opts.InstanceID, "availabilityZone": s.opts.Region + "a",
		"architecture": "x86_64", "version": "2017-09-30",
	})
}

func credentials() string {
	now := time.Now().UTC()
	return encode(map[string]string{
		"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAINSTANCEROLE0001", "SecretAccessKey": "secret-of-the-role", "Token": "session-of-the-role",
		"LastUpdated": now.Format(time.RFC3339), "Expiration": now.Add(6 * time.Hour).Format(time.RFC3339),
	})
}

func encode(v map[string]string) string {
	body, _ := json.Marshal(v) // strings always marshal
	return string(body)
}
