#!/bin/sh
# Ends the Slurm that start.sh FOLDER started.
for daemon in slurmd slurmctld; do
  [ -f "$1/$daemon.pid" ] && kill "$(cat "$1/$daemon.pid")" 2>/dev/null
done
exit 0
