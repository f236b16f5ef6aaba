//go:build e2e

// Package e2e owns the proof against an independent second opinion: the built binary, driven as a user drives it,
// against moto's AWS. What it left there is read back through moto's own APIs, never through semagent's packages, which
// it refuses to import. What moto gets wrong is said where it matters; semagent's own local AWS covers that ground.
package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// stage is what all tests share: the binary under test and the server it talks to.
var stage struct {
	binary string
	moto   *motoServer
}

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code) //nolint:forbidigo // this is main
}

func runAll(m *testing.M) (code int, err error) {
	if stage.binary, err = filepath.Abs("../bin/semagent"); err != nil {
		return 1, err
	}
	if _, err = os.Stat(stage.binary); err != nil {
		return 1, fmt.Errorf("the binary is not built: %w; run make build", err)
	}
	if stage.moto, err = startMoto(); err != nil {
		return 1, err
	}
	defer stage.moto.stop()
	code = m.Run()
	if code != 0 {
		stage.moto.showLog(os.Stderr)
	}
	return code, nil
}
