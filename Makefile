# Every target is a line of its own tool; what a tool needs is installed by bin/bootstrap when it is missing.
# PORT, HOST, DATA_DIR (and every setting of docs/operations.md) are variables of make or of the environment:
# make hands both to the commands by itself.
# Recipes replace their shell by the command (exec), so that Ctrl-C and SIGTERM reach it and nothing is left behind.
# Python tools are started as modules: the scripts of a virtual environment break in a path with spaces.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python

.PHONY: help run serve service unservice package upgrade test soak lint format bench docs screenshots constraints

help: ## 列出全部目标
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## 启动演示实例（PORT=8000 HOST=127.0.0.1 DATA_DIR=var/demo），Ctrl-C 停止
	@sh bin/bootstrap run
	@exec $(PY) -m trading_center.supervisor run

serve: ## 启动正式实例（DATA_DIR=var/center）
	@sh bin/bootstrap run
	@exec $(PY) -m trading_center.supervisor serve

service: ## 装成系统服务（systemd），断电后自动恢复；设置同 make serve
	@sh bin/bootstrap run
	@exec $(PY) -m trading_center.release.service install

unservice: ## 停止并移除系统服务，数据不动
	@exec $(PY) -m trading_center.release.service remove

package: ## 打包成一个文件，供不联网的机器安装或升级（FILE=文件）
	@sh bin/bootstrap run
	@exec $(PY) -m trading_center.release.package "$(FILE)"

upgrade: ## 升级（FILE=文件，不给则用当前代码）；退回 BACK=1（有损失时加 LOSE=1），确认 KEEP=1
	@exec sh bin/upgrade

test: ## 全部测试：真实的 PostgreSQL、Redis、浏览器和进程
	@sh bin/bootstrap test
	@exec sh bin/test

soak: ## 长时间折磨：反复杀进程、断电、重启，再跑足全部随机时刻的折磨测试
	@sh bin/bootstrap test
	@exec $(PY) -m bench.soak

lint: ## 全部静态检查
	@sh bin/bootstrap lint
	@exec sh bin/lint

format: ## 按约定排版 Python 代码
	@sh bin/bootstrap lint
	@$(PY) -m ruff check --fix --quiet . ; exec $(PY) -m ruff format .

bench: ## 基准测试，比值写入 bench/results/
	@sh bin/bootstrap test
	@exec $(PY) -m bench

docs: ## 重新生成文档中由程序生成的部分
	@sh bin/bootstrap run
	@exec $(PY) -m tools.docs

screenshots: ## 重新拍摄 docs/screenshots/
	@sh bin/bootstrap test
	@exec $(PY) -m tests.browser.screenshots

constraints: ## 按 requirements*.txt 重新求出 constraints.txt 的全部版本
	@sh bin/bootstrap run
	@exec $(PY) -m tools.constraints
