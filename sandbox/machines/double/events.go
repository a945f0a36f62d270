package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

type kv = map[string]any

// events writes one JSON object a line: the machine host's only source of what happens in here.
type events struct {
	mu   sync.Mutex
	out  io.Writer
	name func() string
}

func (e *events) emit(kind string, fields kv) {
	line := kv{"time": time.Now().UTC().Format(time.RFC3339Nano), "node": e.name(), "event": kind}
	for k, v := range fields {
		line[k] = v
	}

	e.mu.Lock()
	defer e.mu.Unlock()

	_ = json.NewEncoder(e.out).Encode(line)
}

// log is for the console (and talosctl dmesg), not for the host.
func (m *machine) log(format string, args ...any) {
	line := fmt.Sprintf("[talos] %s %s", time.Now().UTC().Format(time.RFC3339), fmt.Sprintf(format, args...))
	m.console.add(line)
	fmt.Fprintln(os.Stderr, line)
}

// problem reports something that keeps a part of the machine from being of use. That part tries on; the same message
// again is not reported.
func (m *machine) problem(part, format string, args ...any) {
	message := fmt.Sprintf(format, args...)

	m.mu.Lock()
	repeated := m.problems[part] == message
	m.problems[part] = message
	m.mu.Unlock()

	if !repeated {
		m.log("%s", message)
		m.events.emit("problem", kv{"part": part, "message": message})
	}
}

func (m *machine) resolved(part string) {
	m.mu.Lock()
	_, had := m.problems[part]
	delete(m.problems, part)
	m.mu.Unlock()

	if had {
		m.events.emit("resolved", kv{"part": part})
	}
}

// console keeps the last lines for talosctl dmesg and logs.
type console struct {
	mu    sync.Mutex
	lines []string
}

const consoleLines = 500

func (c *console) add(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.lines = append(c.lines, line)
	if len(c.lines) > consoleLines {
		c.lines = c.lines[len(c.lines)-consoleLines:]
	}
}

func (c *console) tail() []string {
	c.mu.Lock()
	defer c.mu.Unlock()

	return append([]string(nil), c.lines...)
}
