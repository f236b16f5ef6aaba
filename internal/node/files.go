package node

import (
	"fmt"
	"os"
	"path"
)

// tree is a directory of the machine that this program writes into as root and a job may have written into before: no
// link in it leads out of it.
type tree struct {
	*os.Root
	owner owner
}

func (m *Machine) openTree(dir string, o owner) (*tree, error) {
	root, err := os.OpenRoot(m.path(dir))
	if err != nil {
		return nil, err
	}
	return &tree{root, o}, nil
}

// mkdir makes a directory of the owner's, or makes an existing one so.
func (t *tree) mkdir(name string, mode os.FileMode) error {
	if err := t.MkdirAll(name, mode); err != nil {
		return err
	}
	return t.settle(name, mode)
}

// write puts a file in place at once: whoever reads it sees the old one or the new one, with the final mode and owner.
func (t *tree) write(name string, body []byte, mode os.FileMode) error {
	draft := path.Join(path.Dir(name), "."+path.Base(name)+".new")
	if err := t.RemoveAll(draft); err != nil {
		return err
	}
	if err := t.draft(draft, body, mode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := t.Rename(draft, name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// draft makes the file with O_EXCL, so that nobody else can have it open.
func (t *tree) draft(name string, body []byte, mode os.FileMode) error {
	f, err := t.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return t.settle(name, mode)
}

// settle gives name its mode, whatever the umask made of it, and its owner.
func (t *tree) settle(name string, mode os.FileMode) error {
	if err := t.Chmod(name, mode); err != nil {
		return err
	}
	return t.Lchown(name, t.owner.uid, t.owner.gid)
}
