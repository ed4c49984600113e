# Sourced by memory.sh and service.sh: a memory cgroup (v1 or v2; needs root) of `limit_mib` MiB. The page
# cache counts in it and is reclaimed at the limit; only an OOM kill is a failure.

cgroup=

new_cgroup() {
  mkdir "$1/polystream-bench-$$" 2>/dev/null || die "cannot make a memory cgroup: run as root, or with --only heap"
  cgroup=$1/polystream-bench-$$
}

make_cgroup() {
  if [ -f /sys/fs/cgroup/memory/memory.limit_in_bytes ]; then
    version=1
    new_cgroup /sys/fs/cgroup/memory
    echo $((limit_mib * 1024 * 1024)) >"$cgroup/memory.limit_in_bytes"
  elif [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    version=2
    (echo +memory >/sys/fs/cgroup/cgroup.subtree_control) 2>/dev/null || true # mostly so already
    new_cgroup /sys/fs/cgroup
    echo $((limit_mib * 1024 * 1024)) >"$cgroup/memory.max"
    echo 0 >"$cgroup/memory.swap.max" 2>/dev/null || true # absent without swap accounting
  else
    die "no memory cgroups here: use --only heap"
  fi
}

most_used() { # bytes, the page cache included
  if [ "$version" = 1 ]; then
    cat "$cgroup/memory.max_usage_in_bytes"
  else
    cat "$cgroup/memory.peak" 2>/dev/null || echo 0 # since Linux 5.19
  fi
}

times_at_limit() {
  if [ "$version" = 1 ]; then
    cat "$cgroup/memory.failcnt"
  else
    sed -n 's/^max //p' "$cgroup/memory.events"
  fi
}

oom_kills() {
  if [ "$version" = 1 ]; then
    sed -n 's/^oom_kill //p' "$cgroup/memory.oom_control" # since Linux 4.13
  else
    sed -n 's/^oom_kill //p' "$cgroup/memory.events"
  fi
}

remove_cgroup() {
  if [ -n "$cgroup" ]; then
    rmdir "$cgroup" 2>/dev/null || true
    cgroup=
  fi
}

# Fails now rather than after the table is filled.
require_cgroups() {
  make_cgroup
  remove_cgroup
}
