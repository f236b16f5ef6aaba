package awsfake

import (
	"encoding/json"
	"maps"
	"net/http"

	"github.com/semagent/semagent/internal/awsfake/fault"
)

// controlSurface is how another process steers the local AWS: GET and DELETE /_local/calls, POST and DELETE /_local/faults (a
// fault.Set), POST /_local/images ({"name", "id", "tags"}) and /_local/key-pairs ({"name"}), POST /_local/foreign-buckets ({"name"}), GET /_local/state.
func (s *Server) controlSurface() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_local/calls", func(w http.ResponseWriter, _ *http.Request) { reply200(w, s.Calls()) })
	mux.HandleFunc("DELETE /_local/calls", func(w http.ResponseWriter, _ *http.Request) { s.journal.clear(); reply200(w, nil) })
	mux.HandleFunc("GET /_local/state", func(w http.ResponseWriter, _ *http.Request) { reply200(w, s.State()) })
	mux.HandleFunc("DELETE /_local/faults", func(w http.ResponseWriter, _ *http.Request) { s.Faults().Clear(); reply200(w, nil) })
	mux.HandleFunc("POST /_local/faults", s.postFaults)
	mux.HandleFunc("POST /_local/images", s.postImage)
	mux.HandleFunc("POST /_local/key-pairs", named(func(name, _ string) string { return s.AddKeyPair(name) }))
	mux.HandleFunc("POST /_local/foreign-buckets", named(func(name, _ string) string { return s.AddForeignBucket(name) }))
	return mux
}

func reply200(w http.ResponseWriter, v any) {
	if v == nil {
		v = struct{}{}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a client that has gone needs no answer
}

func (s *Server) postFaults(w http.ResponseWriter, r *http.Request) {
	var set fault.Set
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(&set)
	if err == nil {
		err = set.Check()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.Faults().Add(set)
	reply200(w, nil)
}

func named(add func(name, id string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Name, ID string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name == "" {
			http.Error(w, `want {"name": "...", "id": "..."}`, http.StatusBadRequest)
			return
		}
		reply200(w, map[string]string{"id": add(in.Name, in.ID)})
	}
}

func (s *Server) postImage(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name, ID string
		Tags     map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name == "" {
		http.Error(w, `want {"name": "...", "id": "...", "tags": {}}`, http.StatusBadRequest)
		return
	}
	id := s.AddImage(in.Name, in.ID)
	s.core.mu.Lock()
	maps.Copy(s.ec2.images[id].tags, in.Tags)
	s.core.mu.Unlock()
	reply200(w, map[string]string{"id": id})
}

// AddImage registers an AMI of the account's own and returns its ID, which is made up when id is empty. A name that has arm64 as a
// word makes an arm64 image; any other is x86_64.
func (s *Server) AddImage(name, id string) string {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	return s.ec2.addImage(name, id)
}

// AddKeyPair makes an EC2 key pair and returns its ID.
func (s *Server) AddKeyPair(name string) string {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	s.ec2.addKeyPair(name)
	return s.ec2.keyPairs[name].id
}

// AddForeignBucket makes a bucket name somebody else's, and returns it.
func (s *Server) AddForeignBucket(name string) string {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	s.s3.foreign[name] = true
	return name
}

// Network are the identifiers of the VPCs that every local AWS has.
func (s *Server) Network() Network { return s.ec2.network }

// InService are the IDs of the instances in service in every Auto Scaling group, oldest first in each.
func (s *Server) InService() []string {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	var ids []string
	for _, name := range sortedKeys(s.autoscaling.groups) {
		for _, m := range s.autoscaling.groups[name].members {
			if m.lifecycle == lifecycleInService {
				ids = append(ids, m.id)
			}
		}
	}
	return ids
}

// Retire ends an instance as its agent does when it is done: with decrement the group shrinks, else the instance is replaced. At the
// group's minimum size a decrement is refused, as TerminateInstanceInAutoScalingGroup refuses it.
func (s *Server) Retire(instanceID string, decrement bool) error {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	_, err := s.autoscaling.retire(instanceID, decrement)
	return err
}
