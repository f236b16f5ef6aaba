package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// clean removes what a job may have left: containers, volumes and networks of Docker, the agent's home, and its files in
// the temporary directories. An image without a skeleton cannot be cleaned, which is an error.
func (m *Machine) clean(ctx context.Context) error {
	agent, err := m.agentOwner()
	if err != nil {
		return err
	}
	if err := m.cleanDocker(ctx); err != nil {
		return err
	}
	for _, dir := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
		if err := m.cleanOwned(dir, agent); err != nil {
			return fmt.Errorf("clean %s: %w", dir, err)
		}
	}
	if err := m.cleanHome(agent); err != nil {
		return fmt.Errorf("clean the agent's home: %w", err)
	}
	return nil
}

func (m *Machine) cleanDocker(ctx context.Context) error {
	if _, err := os.Stat(m.path(docker)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	containers, err := m.run(ctx, docker, "ps", "--all", "--quiet")
	if err != nil {
		return err
	}
	commands := [][]string{{"volume", "prune", "--all", "--force"}, {"network", "prune", "--force"}}
	if ids := strings.Fields(containers); len(ids) > 0 {
		commands = append([][]string{append([]string{"rm", "--force", "--volumes"}, ids...)}, commands...)
	}
	for _, args := range commands {
		if _, err := m.run(ctx, docker, args...); err != nil {
			return err
		}
	}
	return nil
}

// cleanOwned removes what the agent's user owns directly below dir. A directory that is not there is clean.
func (m *Machine) cleanOwned(dir string, agent owner) error {
	t, err := m.openTree(dir, agent)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer t.Close()
	entries, err := fs.ReadDir(t.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := t.Lstat(entry.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone in the meantime
		}
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(stat.Uid) != agent.uid {
			continue
		}
		if err := t.RemoveAll(entry.Name()); err != nil {
			return err
		}
	}
	return nil
}

// cleanHome empties the agent's home and fills it from the image's copy.
func (m *Machine) cleanHome(agent owner) error {
	skeleton, err := os.OpenRoot(m.path(skeletonDir))
	if err != nil {
		return err
	}
	defer skeleton.Close()
	home, err := m.openTree(homeDir, agent)
	if err != nil {
		return err
	}
	defer home.Close()
	entries, err := fs.ReadDir(home.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := home.RemoveAll(entry.Name()); err != nil {
			return err
		}
	}
	return home.fill(skeleton)
}

// fill copies directories, files and links from a tree that no job could write to.
func (t *tree) fill(from *os.Root) error {
	return fs.WalkDir(from.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch mode := info.Mode(); {
		case mode.IsDir():
			return t.mkdir(name, mode.Perm())
		case mode&fs.ModeSymlink != 0:
			target, err := from.Readlink(name)
			if err != nil {
				return err
			}
			if err := t.Symlink(target, name); err != nil {
				return err
			}
			return t.Lchown(name, t.owner.uid, t.owner.gid)
		case mode.IsRegular():
			body, err := from.ReadFile(name)
			if err != nil {
				return err
			}
			return t.draft(name, body, mode.Perm())
		}
		return fmt.Errorf("copy %s: neither file, directory nor link", name)
	})
}
