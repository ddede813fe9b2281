#!/bin/sh
# The postgres image runs this once, on an empty volume: a role for Temporal and one for Steward, each with its own databases.
# One command and no `set`: the image may source this file, and its exit status is psql's.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set temporal_password="$TEMPORAL_POSTGRES_PASSWORD" \
  --set steward_password="$(sed 's|^[^:]*://[^:]*:\([^@]*\)@.*|\1|' /run/secrets/database_url)" <<'SQL'
create role temporal login password :'temporal_password';
create role steward login password :'steward_password';
create database temporal owner temporal;
create database temporal_visibility owner temporal;
create database steward owner steward;
revoke connect on database temporal, temporal_visibility, steward from public;
SQL
