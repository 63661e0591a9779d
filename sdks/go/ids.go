package segops

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"
)

// idGenerator makes UUIDs of version 7 that increase, also within one
// millisecond and when the clock is set back.
type idGenerator struct {
	mu     sync.Mutex
	random [512]byte // read ahead, so that not every id costs a system call
	unused int       // bytes of random, from its end
	millis uint64
	high   uint64 // 12 random bits
	low    uint64 // 62 random bits
}

func (g *idGenerator) next(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.take()
	if millis := uint64(now.UnixMilli()); millis > g.millis {
		// The clear top bit leaves room for increments within the millisecond.
		g.millis, g.high, g.low = millis, a&0x7ff, g.take()>>2
	} else {
		g.low += 1 + a>>32
		if g.low>>62 != 0 {
			g.low &= 1<<62 - 1
			g.high++
		}
		if g.high>>12 != 0 {
			g.high = 0
			g.millis++
		}
	}
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], g.millis<<16|7<<12|g.high)
	binary.BigEndian.PutUint64(id[8:], 2<<62|g.low)
	return formatUUID(id)
}

// take returns 64 random bits.
func (g *idGenerator) take() uint64 {
	if g.unused == 0 {
		// Without random numbers the increments still keep ids apart within
		// the process. Since Go 1.24 Read cannot fail.
		_, _ = rand.Read(g.random[:])
		g.unused = len(g.random)
	}
	g.unused -= 8
	return binary.BigEndian.Uint64(g.random[g.unused:])
}

func formatUUID(id [16]byte) string {
	var text [36]byte
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// isUUID reports whether the text is a UUID in its usual form, and not nil.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	zero := true
	for i := 0; i < len(text); i++ {
		c := text[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
		zero = zero && c == '0'
	}
	return !zero
}
