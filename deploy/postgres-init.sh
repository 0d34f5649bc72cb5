#!/bin/sh
# Run by the PostgreSQL container once, when its volume is empty.
set -eu
psql --no-psqlrc --username "$POSTGRES_USER" --dbname postgres \
    --variable "owner_password=$POSTGRES_OWNER_PASSWORD" --variable "app_password=$POSTGRES_APP_PASSWORD" \
    --file /deploy/roles.sql
