package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent makes the kernel end this process when the one that started it ends, however it ends.
func dieWithParent() {
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}

// supervise becomes the given command, which then dies with the parent: the parent-death signal survives execve, so
// no wrapper process stays behind. Node cannot set that signal itself.
func supervise(args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}

	if len(args) == 0 {
		return errors.New("usage: machine-double supervise -- COMMAND [ARGUMENT...]")
	}

	parent := os.Getppid()

	dieWithParent()

	if os.Getppid() != parent || parent == 1 {
		return errors.New("the parent process is gone")
	}

	path, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}

	return syscall.Exec(path, args, os.Environ())
}
