package awsfake

// stsService answers who the caller is; it knows nothing else.
type stsService struct{ *core }

func newSTS(c *core) *stsService { return &stsService{c} }

func (s *stsService) service() *service {
	return &service{
		name: "sts", protocol: protocol{kind: query, namespace: "https://sts.amazonaws.com/doc/2011-06-15/"},
		operations: map[string]operation{"GetCallerIdentity": s.getCallerIdentity},
	}
}

func (s *stsService) getCallerIdentity(*call) (any, error) {
	return struct{ Account, Arn, UserId string }{s.account, s.user(), "AIDALOCALAWSUSER00001"}, nil
}
