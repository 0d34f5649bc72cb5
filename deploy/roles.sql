-- The two roles and the database of a portal on an external PostgreSQL 15 or newer; run once as its superuser:
--   psql -v owner_password=… -v app_password=… -f deploy/roles.sql
-- tc_owner migrates and owns every table; tc_app is what the portal runs as: what it may do stands in the migrations.
\set ON_ERROR_STOP on
CREATE ROLE tc_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'owner_password';
CREATE ROLE tc_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'app_password';
CREATE DATABASE trading_center OWNER tc_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE trading_center FROM PUBLIC;
GRANT CONNECT ON DATABASE trading_center TO tc_app;
\connect trading_center
ALTER SCHEMA public OWNER TO tc_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tc_app;
