#!/bin/sh
# Starts a Slurm of one node in a folder of its own, for tests: start.sh FOLDER. Nothing of the system's own Slurm is touched.
# Needs slurmctld and slurmd (Debian: apt-get install slurm-wlm). Prints nothing and ends with 0 once the node takes jobs; ends with
# 1 and a reason where it does not start here. The processes' ids are in FOLDER/*.pid; stop.sh FOLDER ends them.
set -eu

folder=$(mkdir -p "$1" && cd "$1" && pwd)
for program in slurmctld slurmd sinfo sbatch; do
  command -v "$program" >/dev/null || { echo "no $program here"; exit 1; }
done
# slurmd starts tasks as their owner, and so does it in a test: it must be the owner, or root.
user=$(id -un)
host=$(hostname -s)
mkdir -p "$folder/state" "$folder/spool"
chmod 700 "$folder/state" "$folder/spool"

cat >"$folder/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/none
CredType=cred/none
SlurmctldPort=${SLURM_TEST_PORT:-26817}
SlurmdPort=$((${SLURM_TEST_PORT:-26817} + 1))
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0
MinJobAge=300
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"

slurmctld -c >"$folder/slurmctld.out" 2>&1 || { echo "slurmctld does not start: $(tail -1 "$folder/slurmctld.out")"; exit 1; }
slurmd -c >"$folder/slurmd.out" 2>&1 || { echo "slurmd does not start: $(tail -1 "$folder/slurmd.out")"; exit 1; }
i=0
until [ "$(sinfo -h -o %T 2>/dev/null)" = idle ]; do
  i=$((i + 1))
  [ "$i" -lt 60 ] || { echo "the node does not come up: $(tail -1 "$folder/slurmd.log")"; exit 1; }
  sleep 0.5
done
