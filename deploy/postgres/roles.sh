#!/bin/sh
# The postgres image runs this once, on an empty volume: a login for Temporal, with databases of its own, and for Steward one that
# owns its tables and one for each part, which may take on that part's roles and nothing else (src/store/grants.ts says what those may).
# One command and no `set`: the image may source this file, and its exit status is psql's.
password_of() {
  sed 's|^[^:]*://[^:]*:\([^@]*\)@.*|\1|' "${SECRETS:-/run/secrets}/database_url_$1"
}
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set temporal_password="$TEMPORAL_POSTGRES_PASSWORD" \
  --set owner_password="$(password_of owner)" \
  --set worker_password="$(password_of worker)" \
  --set gateway_password="$(password_of gateway)" \
  --set operator_password="$(password_of operator)" \
  --set officer_password="$(password_of officer)" <<'SQL'
create role temporal login password :'temporal_password';
create role steward login password :'owner_password';
create database temporal owner temporal;
create database temporal_visibility owner temporal;
create database steward owner steward;
revoke connect on database temporal, temporal_visibility, steward from public;

create role steward_gateway nologin;
create role steward_worker nologin;
create role steward_keys nologin;
create role steward_operator nologin;
create role steward_officer nologin;
create role steward_auditor nologin;
grant steward_gateway, steward_worker, steward_keys, steward_operator, steward_officer, steward_auditor to steward with inherit false, set true;
create role steward_worker_login login password :'worker_password';
create role steward_gateway_login login password :'gateway_password';
create role steward_operator_login login password :'operator_password';
create role steward_officer_login login password :'officer_password';
grant steward_worker, steward_keys to steward_worker_login with inherit false, set true;
grant steward_gateway, steward_keys to steward_gateway_login with inherit false, set true;
-- A command speaks to Temporal, for which it needs the data keys.
grant steward_operator, steward_auditor, steward_keys to steward_operator_login with inherit false, set true;
grant steward_officer, steward_operator, steward_auditor, steward_keys to steward_officer_login with inherit false, set true;
grant connect on database steward
  to steward_worker_login, steward_gateway_login, steward_operator_login, steward_officer_login;
SQL
