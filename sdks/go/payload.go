package segops

import (
	"bytes"
	"encoding/json"
	"sync"
)

const (
	maxPayloadBytes  = 32_768
	maxPayloadLevels = 10
	maxPooledBytes   = 64 << 10 // larger buffers are left to the collector
)

// encodedPayload is JSON text in a buffer that is used again after release.
// No text means no payload.
type encodedPayload struct {
	buffer  bytes.Buffer
	encoder *json.Encoder
}

var payloads = sync.Pool{New: func() any {
	p := new(encodedPayload)
	p.encoder = json.NewEncoder(&p.buffer)
	p.encoder.SetEscapeHTML(false) // escapes would count against the limit
	return p
}}

func (p *encodedPayload) bytes() []byte { return p.buffer.Bytes() }

func (p *encodedPayload) release() {
	if p.buffer.Cap() <= maxPooledBytes {
		p.buffer.Reset()
		payloads.Put(p)
	}
}

// encodePayload encodes and checks a payload. The caller releases it.
func encodePayload(value any) (*encodedPayload, *InvalidEventError) {
	p := payloads.Get().(*encodedPayload)
	if value == nil {
		return p, nil
	}
	if err := p.encode(value); err != nil {
		return nil, err
	}
	text := bytes.TrimSuffix(p.bytes(), []byte("\n"))
	p.buffer.Truncate(len(text))
	var err *InvalidEventError
	switch {
	case string(text) == "null": // a nil map or pointer
		p.buffer.Reset()
	case len(text) == 0 || text[0] != '{':
		err = invalid("payload", "wrong_type", "payload must encode to a JSON object")
	case len(text) > maxPayloadBytes:
		err = invalid("payload", "payload_too_large", "payload must be at most 32768 bytes of JSON")
	case levels(text) > maxPayloadLevels:
		err = invalid("payload", "payload_too_deep", "payload must not nest deeper than 10 levels")
	}
	if err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

// encode turns panics of the caller's marshalers into errors.
func (p *encodedPayload) encode(value any) (failure *InvalidEventError) {
	defer func() {
		if recover() != nil {
			failure = invalid("payload", "invalid_payload", "the payload's encoder panicked")
		}
	}()
	if err := p.encoder.Encode(value); err != nil {
		failure = invalid("payload", "invalid_payload", "payload cannot be encoded as JSON")
		failure.cause = err
	}
	return failure
}

// levels returns how deep objects and arrays nest in valid JSON text.
func levels(text []byte) int {
	level, deepest, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			level++
			if level > deepest {
				deepest = level
			}
		case c == '}' || c == ']':
			level--
		}
	}
	return deepest
}
