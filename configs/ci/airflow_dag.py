"""An Airflow DAG: a batch that breaks its schema ends the run before anybody trains on it."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

VALIDATE = """\
datalife validate sample_data/training.csv --schema sample_data/schema.yaml --environment training \
    -o report.json -o report.html -o -
"""

with DAG("validate_training_data", start_date=datetime(2026, 1, 1), schedule="@daily", catchup=False) as dag:
    # any code but 0 fails the task; trying again mends no data
    validate = BashOperator(task_id="validate", bash_command=VALIDATE, retries=0)
    train = BashOperator(task_id="train", bash_command="echo train")
    validate >> train
