package segops

import "time"

// A LogLevel is the importance of a log line. The values are those of
// log/slog.
type LogLevel int

const (
	LogDebug LogLevel = -4
	LogInfo  LogLevel = 0
	LogWarn  LogLevel = 4
	LogError LogLevel = 8
)

func (l LogLevel) String() string {
	switch {
	case l < LogInfo:
		return "debug"
	case l < LogWarn:
		return "info"
	case l < LogError:
		return "warn"
	}
	return "error"
}

// A Logger receives the log lines of a [Client]. The arguments are pairs of a
// key (a string) and a value, as in log/slog. Log is called by one goroutine
// at a time, and its panics are recovered.
type Logger interface {
	Log(level LogLevel, message string, keysAndValues ...any)
}

const logInterval = time.Minute

// logLimit lets a line of each reason through once in a minute.
type logLimit struct {
	reasons map[string]*loggedReason
}

type loggedReason struct {
	at         time.Time
	suppressed int
}

// allow returns whether to log, and how many lines were left out since the
// last one.
func (l *logLimit) allow(reason string, now time.Time) (suppressed int, ok bool) {
	if l.reasons == nil {
		l.reasons = make(map[string]*loggedReason)
	}
	last := l.reasons[reason]
	if last == nil {
		l.reasons[reason] = &loggedReason{at: now}
		return 0, true
	}
	if now.Sub(last.at) < logInterval {
		last.suppressed++
		return 0, false
	}
	suppressed, last.suppressed, last.at = last.suppressed, 0, now
	return suppressed, true
}
