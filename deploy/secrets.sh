#!/bin/sh
# Makes what docker-compose.temporal.yml reads from secrets/. What is there stays as it is, so running it again is harmless.
# The files are open to all and the directory to nobody but you: inside a container each is read by another user.
set -eu
umask 022
dir="$(dirname "$0")/../secrets"
mkdir -p "$dir"
chmod 700 "$dir"

keep() { # keep NAME TEXT
  [ -e "$dir/$1" ] || printf '%s\n' "$2" >"$dir/$1"
}
random() { openssl rand -hex 32; }

keep postgres_password "$(random)"
# All on this compose file's own network, so in the clear.
for part in owner worker gateway operator officer; do
  login=steward
  [ "$part" = owner ] || login="steward_${part}_login"
  keep "database_url_$part" "postgres://$login:$(random)@postgres:5432/steward?sslmode=disable"
done
keep link_secret "$(random)"
