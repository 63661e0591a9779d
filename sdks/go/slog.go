//go:build go1.21

package segops

import (
	"context"
	"log/slog"
)

// WithSlog returns a [Logger] that writes to a logger of log/slog.
func WithSlog(logger *slog.Logger) Logger { return slogLogger{logger} }

type slogLogger struct{ logger *slog.Logger }

func (l slogLogger) Log(level LogLevel, message string, keysAndValues ...any) {
	l.logger.Log(context.Background(), slog.Level(level), message, keysAndValues...)
}
