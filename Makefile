.DEFAULT_GOAL := help
.PHONY: help run dev test lint bench

# The newest Python that works here; another one: make run PYTHON=/path/to/python
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))) python3)

help: ## この一覧を見せます
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## 準備をして、本番と同じ形で http://127.0.0.1:8000 に出します (HOST と PORT で変えられます)
	@$(PYTHON) -m allforces.bootstrap run

dev: ## 開発用サーバーを DEBUG=1 で動かします
	@DEBUG=1 $(PYTHON) -m allforces.bootstrap dev

test: ## すべてのテストを SQLite と PostgreSQL で、画面のテストをブラウザーで実行します
	@$(PYTHON) -m allforces.bootstrap test
	@.venv/bin/python -m tests.on_both_databases

# What operations.md asks of a production site; the key signs nothing. An empty variable silences a developer's .env.
lint: export SECRET_KEY := lint-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJ
lint: export SITE_URL := https://example.jp
lint: export EMAIL_URL := smtps://user:password@smtp.example.jp:587
lint: export DATABASE_URL := sqlite:///db.sqlite3
lint: export DEBUG :=
lint: ## 書き方、型、移行、公開時の設定を検査します
	@$(PYTHON) -m allforces.bootstrap lint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djlint --lint --quiet templates
	.venv/bin/oxlint --deny-warnings static
	.venv/bin/mypy
	.venv/bin/python manage.py makemigrations --check --dry-run
	.venv/bin/python manage.py check --deploy --fail-level WARNING

bench: ## 記事 2,513 本で、すべての種類のページの問い合わせ数と CPU 時間、配信の速さ、取り込みの時間とメモリーを測ります
	@$(PYTHON) -m allforces.bootstrap test
	@SECRET_KEY=benchmark-only .venv/bin/python -m tests.benchmark
	@.venv/bin/python -m tests.benchmark_served
	@SECRET_KEY=benchmark-only .venv/bin/python -m tests.benchmark_import
