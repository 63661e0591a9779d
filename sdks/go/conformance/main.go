// Command conformance drives the SDK for the conformance runner: it reads
// commands from stdin and writes replies and events to stdout, one JSON
// document a line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	segops "github.com/segops/segops-go"
)

type command struct {
	ID        int             `json:"id"`
	Op        string          `json:"op"`
	Client    string          `json:"client"`
	Options   json.RawMessage `json:"options"`
	Event     event           `json:"event"`
	Repeat    int             `json:"repeat"`
	Threads   int             `json:"threads"`
	UserID    string          `json:"userId"`
	Traits    any             `json:"traits"`
	Mutation  map[string]any  `json:"mutation"`
	TimeoutMs *int            `json:"timeoutMs"`
	On        []string        `json:"on"`
}

type driver struct {
	mu      sync.Mutex // guards clients and stdout
	clients map[string]*client
	out     *json.Encoder
}

func main() {
	d := &driver{clients: make(map[string]*client), out: json.NewEncoder(os.Stdout)}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var cmd command
		decoder := json.NewDecoder(bytes.NewReader(in.Bytes()))
		decoder.UseNumber() // numbers in payloads keep their digits
		if err := decoder.Decode(&cmd); err != nil {
			fmt.Fprintln(os.Stderr, "a command is not valid JSON")
			continue
		}
		if cmd.Client == "" {
			cmd.Client = "default"
		}
		if cmd.Op == "flush" || cmd.Op == "shutdown" {
			go d.serve(cmd) // these wait
		} else {
			d.serve(cmd)
		}
	}
}

func (d *driver) serve(cmd command) {
	reply, err := d.do(cmd)
	if err != nil {
		reply = map[string]any{"ok": false, "error": err.Error()}
	}
	reply["id"] = cmd.ID
	d.write(reply)
}

func (d *driver) do(cmd command) (map[string]any, error) {
	if cmd.Op == "ping" {
		return map[string]any{"ok": true}, nil
	}
	if cmd.Op == "new" {
		return d.open(cmd)
	}
	d.mu.Lock()
	c := d.clients[cmd.Client]
	d.mu.Unlock()
	if c == nil {
		return nil, errors.New("there is no such client")
	}
	return c.do(cmd)
}

func (d *driver) open(cmd command) (map[string]any, error) {
	c := &client{name: cmd.Client, driver: d, throws: make(map[string]bool)}
	key, options, err := c.options(cmd.Options)
	if err != nil {
		return nil, err
	}
	if c.Client, err = segops.New(key, options); err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.clients[cmd.Client] = c
	d.mu.Unlock()
	return map[string]any{"ok": true, "sdk": "go/" + segops.Version, "caps": []string{"gzip", "threads"}}, nil
}

func (d *driver) write(line map[string]any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.out.Encode(line); err != nil {
		fmt.Fprintln(os.Stderr, "stdout is closed")
	}
}
