# Runs one child of Standalone: sh -c "$(this file)" guard GRACE COMMAND [ARGUMENT...]
#
# Why a guard: when Standalone is killed outright it can stop nobody, and a child it had started would live on. The kernel
# does close a dead process's pipes, however. Standalone holds the other end of our standard input and never lets go of it
# while it lives, so its end of file means "stop", whether Standalone closed it or died. There is no moment between starting
# the child and guarding it, and nothing to poll.
#
# A line on that pipe before its end is the seconds to wait between SIGTERM and SIGKILL, instead of GRACE.
# The first line that we print is the child's process id; we exit with the child's status.

trap '' INT QUIT HUP # a terminal's Ctrl+C is for Standalone, which then stops its children in order
grace=$1
shift

exec 3<&0 </dev/null
sh -c 'echo "$$"; exec "$@"' child "$@" 3<&- &
child=$!

(
    read -r line <&3 && grace=$line
    kill -TERM "$child"
    tenths=$((grace * 10))
    while [ "$tenths" -gt 0 ] && kill -0 "$child"; do
        sleep 0.1
        tenths=$((tenths - 1))
    done
    kill -KILL "$child"
) >/dev/null 2>&1 &
watcher=$!

exec 3<&-
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
