# One image for Spark's master, its workers and the job: Python, Java and Notemill installed in it.
FROM python:3.11.13-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jre-headless procps \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 notemill
WORKDIR /opt/notemill
COPY pyproject.toml README.md LICENSE ./
COPY annotators annotators
COPY pipelines pipelines
COPY jobs jobs
RUN pip install --no-cache-dir ".[delta,fhir,postgresql]" ./annotators/pretrained "pyspark==4.1.4" \
    && install -d -o notemill -g notemill /notes /out
USER notemill
WORKDIR /home/notemill
ENV SPARK_NO_DAEMONIZE=1 PYTHONUNBUFFERED=1
ENTRYPOINT ["python", "-m", "jobs.cluster"]
