// A repository with the shape of a public one of a data team: 70 flow modules, 20 helpers, 60 packages.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { project, write } from './projects.mjs'

/** Each helper: its packages, with what is imported, and a function that uses it. */
const HELPERS = {
  names: [
    ['inflection==0.5.1', 'inflection', 'column_name(text)', 'inflection.underscore(text)'],
    ['Unidecode==1.4.0', 'unidecode', 'without_accents(text)', 'unidecode.unidecode(text)'],
    ['natsort==8.4.0', 'natsort', 'in_order(names)', 'natsort.natsorted(names)']
  ],
  text: [
    ['ftfy==6.3.1', 'ftfy', 'repaired(text)', 'ftfy.fix_text(text)'],
    ['wcwidth==0.9.4', 'wcwidth', 'width(text)', 'wcwidth.wcswidth(text)'],
    ['chardet==5.2.0', 'chardet', 'encoding(data)', 'chardet.detect(data)["encoding"]']
  ],
  numbers: [
    ['humanize==4.13.0', 'humanize', 'readable(number)', 'humanize.intcomma(number)'],
    ['simpleeval==1.0.8', 'simpleeval', 'evaluated(formula)', 'simpleeval.simple_eval(formula)'],
    ['haversine==2.9.0', 'haversine', 'distance(one, other)', 'haversine.haversine(one, other)']
  ],
  dates: [
    ['isodate==0.7.2', 'isodate', 'date(text)', 'isodate.parse_date(text)'],
    ['aniso8601==10.0.1', 'aniso8601', 'moment(text)', 'aniso8601.parse_datetime(text)'],
    ['pytimeparse==1.1.8', 'pytimeparse', 'seconds(text)', 'pytimeparse.parse(text)']
  ],
  settings: [
    ['python-dotenv==1.2.1', 'dotenv', 'values(path)', 'dotenv.dotenv_values(path)'],
    ['addict==2.4.0', 'addict', 'settings(values)', 'addict.Dict(values)'],
    ['dpath==2.2.0', 'dpath', 'setting(values, path)', 'dpath.get(values, path)']
  ],
  retries: [
    ['tenacity==9.1.2', 'tenacity', 'attempts(number)', 'tenacity.stop_after_attempt(number)'],
    ['backoff==2.2.1', 'backoff', 'waits(most)', 'backoff.expo(max_value=most)'],
    ['cachetools==6.2.6', 'cachetools', 'cache(most, ttl)', 'cachetools.TTLCache(most, ttl)']
  ],
  collections: [
    [
      'more-itertools==10.8.0',
      'more_itertools',
      'batches(rows)',
      'list(more_itertools.chunked(rows, 500))'
    ],
    ['funcy==2.1', 'funcy', 'first_of(rows)', 'funcy.first(rows)'],
    ['boltons==26.2.0', 'boltons.iterutils', 'unique(rows)', 'boltons.iterutils.unique(rows)']
  ],
  documents: [
    ['xmltodict==1.0.4', 'xmltodict', 'from_xml(text)', 'xmltodict.parse(text)'],
    ['jmespath==1.1.0', 'jmespath', 'found(path, document)', 'jmespath.search(path, document)'],
    ['jsonlines==4.0.0', 'jsonlines', 'lines(file)', 'list(jsonlines.Reader(file))']
  ],
  differences: [
    [
      'dictdiffer==0.10.0',
      'dictdiffer',
      'differences(old, new)',
      'list(dictdiffer.diff(old, new))'
    ],
    [
      'typing_extensions==4.16.0',
      'typing_extensions',
      'is_typed(kind)',
      'typing_extensions.is_typeddict(kind)'
    ],
    ['attrs==26.1.0', 'attr', 'fields(kind)', 'attr.fields_dict(kind)']
  ],
  checks: [
    ['Cerberus==1.3.8', 'cerberus', 'validator(rules)', 'cerberus.Validator(rules)'],
    ['voluptuous==0.16.0', 'voluptuous', 'checked(rules, row)', 'voluptuous.Schema(rules)(row)'],
    ['schema==0.7.8', 'schema', 'is_valid(rules, row)', 'schema.Schema(rules).is_valid(row)']
  ],
  queries: [
    ['sqlparse==0.5.5', 'sqlparse', 'formatted(query)', 'sqlparse.format(query, reindent=True)'],
    [
      'PyPika==0.51.1',
      'pypika',
      'select_all(table)',
      'pypika.Query.from_(table).select("*").get_sql()'
    ],
    ['peewee==4.5.3', 'peewee', 'database(path)', 'peewee.SqliteDatabase(path)']
  ],
  sheets: [
    [
      'openpyxl==3.1.5',
      'openpyxl',
      'workbook(path)',
      'openpyxl.load_workbook(path, read_only=True)'
    ],
    ['xlrd==2.0.2', 'xlrd', 'old_workbook(path)', 'xlrd.open_workbook(path)'],
    ['xlsxwriter==3.3.1', 'xlsxwriter', 'new_workbook(path)', 'xlsxwriter.Workbook(path)']
  ],
  tables: [
    ['tablib==3.9.0', 'tablib', 'dataset(rows)', 'tablib.Dataset(*rows)'],
    ['prettytable==3.16.0', 'prettytable', 'drawn(columns)', 'prettytable.PrettyTable(columns)'],
    ['et_xmlfile==2.0.0', 'et_xmlfile', 'xml_writer(path)', 'et_xmlfile.xmlfile(path)']
  ],
  places: [
    ['pycountry==24.6.1', 'pycountry', 'country(code)', 'pycountry.countries.get(alpha_2=code)'],
    [
      'intervaltree==3.2.1',
      'intervaltree',
      'intervals(rows)',
      'intervaltree.IntervalTree.from_tuples(rows)'
    ],
    ['bidict==0.23.1', 'bidict', 'codes(pairs)', 'bidict.bidict(pairs)']
  ],
  logs: [
    [
      'python-json-logger==4.0.0',
      'pythonjsonlogger.json',
      'formatter()',
      'pythonjsonlogger.json.JsonFormatter()'
    ],
    [
      'colorama==0.4.6',
      'colorama',
      'highlighted(text)',
      'colorama.Fore.RED + text + colorama.Fore.RESET'
    ],
    ['termcolor==3.1.0', 'termcolor', 'coloured(text)', 'termcolor.colored(text, "green")']
  ],
  notifications: [
    ['chevron==0.14.0', 'chevron', 'message(template, values)', 'chevron.render(template, values)'],
    [
      'Mako==1.3.12',
      'mako.template',
      'page(text, values)',
      'mako.template.Template(text).render(**values)'
    ],
    ['blinker==1.9.0', 'blinker', 'channel(name)', 'blinker.signal(name)']
  ],
  pages: [
    ['Markdown==3.9', 'markdown', 'html(text)', 'markdown.markdown(text)'],
    ['html2text==2025.4.15', 'html2text', 'plain(page)', 'html2text.html2text(page)'],
    ['html5lib==1.1', 'html5lib', 'tree(page)', 'html5lib.parse(page)']
  ],
  web: [
    [
      'requests-toolbelt==1.0.0',
      'requests_toolbelt',
      'session(url)',
      'requests_toolbelt.sessions.BaseUrlSession(url)'
    ],
    ['httplib2==0.32.1', 'httplib2', 'client(seconds)', 'httplib2.Http(timeout=seconds)'],
    ['webencodings==0.5.1', 'webencodings', 'charset(label)', 'webencodings.lookup(label)']
  ],
  addresses: [
    ['furl==2.1.4', 'furl', 'address(url, values)', 'furl.furl(url).add(values).url'],
    [
      'orderedmultidict==1.0.2',
      'orderedmultidict',
      'fields(pairs)',
      'orderedmultidict.omdict(pairs)'
    ],
    ['anytree==2.13.0', 'anytree', 'node(name, parent)', 'anytree.Node(name, parent=parent)']
  ],
  grammars: [
    ['pyparsing==3.3.3', 'pyparsing', 'word()', 'pyparsing.Word(pyparsing.alphas)'],
    ['lark==1.3.1', 'lark', 'grammar(rules)', 'lark.Lark(rules)'],
    ['tqdm==4.70.1', 'tqdm', 'progress(rows)', 'tqdm.tqdm(rows, disable=True)']
  ]
}

const TEAMS = {
  sales:
    'orders refunds quotes leads accounts renewals discounts territories commissions forecasts',
  finance: 'invoices payments ledgers budgets taxes payroll assets expenses currencies audits',
  marketing: 'campaigns emails visits adverts audiences surveys referrals coupons events keywords',
  logistics: 'shipments stocks warehouses carriers routes returns customs pallets fleets suppliers',
  support: 'tickets calls chats articles escalations ratings agents shifts queues incidents',
  product:
    'sessions features experiments crashes releases devices searches clicks funnels feedback',
  people: 'applicants contracts absences trainings reviews teams offices badges equipment travels'
}

const HELPER_NAMES = Object.keys(HELPERS)
const DATASETS = Object.entries(TEAMS).flatMap(([team, names]) =>
  names.split(' ').map(dataset => ({ team, dataset }))
)

/** The helpers that a dataset's tasks import. */
const helpersOf = at => [0, 3, 7, 12].map(step => HELPER_NAMES[(at + step) % HELPER_NAMES.length])

const helper = (name, parts) => `"""Helpers of all pipelines: ${name}."""
${parts.map(([, module]) => `import ${module}`).join('\n')}
${parts
  .map(
    ([pin, , signature, value]) => `

def ${signature}:
    """Uses ${pin.split('==')[0]}."""
    return ${value}
`
  )
  .join('')}`

const constants = ({ team, dataset }) => `"""Constants of ${team}.${dataset}."""
from enum import Enum


class Constants(Enum):
    DATASET = "${team}"
    TABLE = "${dataset}"
    URL = "https://data.example.com/${team}/${dataset}.json"
    KEY = "${dataset}_id"
    COLUMNS = ["${dataset}_id", "created_at", "updated_at", "status", "amount", "country"]
    TIMEOUT = 30
    BATCH = 500
`

const schedules = ({ team, dataset }, at) => `"""Schedules of ${team}.${dataset}."""
from datetime import datetime, timedelta

from prefect.schedules import Schedule
from prefect.schedules.clocks import IntervalClock

from pipelines.${team}.${dataset}.constants import Constants

daily = Schedule(
    clocks=[
        IntervalClock(
            interval=timedelta(days=1),
            start_date=datetime(2024, 1, 1, ${at % 24}, ${(at * 7) % 60}),
            parameter_defaults={"table": Constants.TABLE.value, "full": False},
        )
    ]
)
`

const tasks = ({ team, dataset }, at) => {
  const used = helpersOf(at)
  return `"""Tasks of ${team}.${dataset}."""
from datetime import timedelta
from pathlib import Path

import prefect
import requests
import yaml
from prefect import task

from pipelines.${team}.${dataset}.constants import Constants
from pipelines.utils import ${used.join(', ')}

FOLDER = Path(__file__).parent
HELPERS = [${used.join(', ')}]


def read_query(table):
    """Reads the query of a table."""
    query = (FOLDER / "queries" / "extract.sql").read_text()
    return query.replace(":table", table)


def columns_of_schema():
    schema = yaml.safe_load((FOLDER / "schema.yml").read_text())
    return [column["name"] for column in schema["models"][0]["columns"]]


@task(max_retries=3, retry_delay=timedelta(minutes=1))
def extract(table, full):
    """Downloads the rows of a table."""
    logger = prefect.context.get("logger")
    logger.info("query: %s", read_query(table))
    answer = requests.get(
        Constants.URL.value,
        params={"table": table, "full": full},
        timeout=Constants.TIMEOUT.value,
    )
    answer.raise_for_status()
    return answer.json()


@task
def select_columns(rows):
    """Leaves out what the schema does not have."""
    names = columns_of_schema()
    return [{name: row.get(name) for name in names} for row in rows]


@task
def drop_duplicates(rows):
    """Preserves the last row of each key."""
    return list({row[Constants.KEY.value]: row for row in rows}.values())


@task
def check(rows):
    """Fails if a column is missing."""
    for row in rows:
        missing = [name for name in Constants.COLUMNS.value if name not in row]
        if missing:
            raise ValueError("${dataset}: {} is missing".format(", ".join(missing)))
    return rows


@task(nout=2)
def split(rows):
    """Separates open and closed rows."""
    closed = [row for row in rows if row["status"] == "closed"]
    return [row for row in rows if row["status"] != "closed"], closed


@task(timeout=600)
def upload(rows, table):
    """Uploads rows in batches."""
    size = Constants.BATCH.value
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    for number, batch in enumerate(batches):
        prefect.context.get("logger").info("%s: batch %d, %d rows", table, number, len(batch))
    return len(batches)
`
}

const flows = ({ team, dataset }, revision) => `"""Flows of ${team}.${dataset}."""
from prefect import Flow, Parameter, case
from prefect.run_configs import KubernetesRun
from prefect.tasks.control_flow import merge

from pipelines.${team}.${dataset}.constants import Constants
from pipelines.${team}.${dataset}.schedules import daily
from pipelines.${team}.${dataset}.tasks import (
    check,
    drop_duplicates,
    extract,
    select_columns,
    split,
    upload,
)

with Flow("${team} ${dataset}: load") as flow:
    table = Parameter("table", default=Constants.TABLE.value)
    full = Parameter("full", default=False)
    revision = Parameter("revision", default="${revision}")

    rows = extract(table, full)
    with case(full, True):
        everything = drop_duplicates(rows)
    with case(full, False):
        latest = select_columns(rows)
    checked = check(merge(everything, latest))
    still_open, closed = split(checked)
    uploaded = upload(still_open, table)
    upload(closed, table, upstream_tasks=[uploaded])

flow.run_config = KubernetesRun(labels=["${team}"], cpu_request="500m", memory_request="1Gi")
flow.schedule = daily
`

const query = ({ team, dataset }) => `-- Rows of ${team}.${dataset} since the last run.
select
  ${dataset}_id,
  created_at,
  updated_at,
  status,
  amount,
  country
from ${team}.:table
where updated_at >= current_date - interval '1 day'
order by updated_at
`

const schema = ({ team, dataset }) => `version: 2
models:
  - name: ${dataset}
    description: ${dataset} of ${team}
    columns:
${['_id', 'created_at', 'updated_at', 'status', 'amount', 'country']
  .map(name => (name === '_id' ? `${dataset}_id` : name))
  .map(
    name =>
      `      - name: ${name}\n        description: ${name} of a row\n        tests: [not_null]\n`
  )
  .join('')}`

const readme = ({ team, dataset }) => `# ${dataset}

The ${team} team loads ${dataset} once a day. The query is in \`queries/extract.sql\`, the columns in
\`schema.yml\`. Ask in #data-${team} before you change a column.
`

const workflow = name => `name: ${name}
on: [push]
jobs:
  ${name}:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make ${name}
`

const PINS = Object.values(HELPERS).flatMap(parts => parts.map(([pin]) => pin))

/** Files at the root, and below `.github` and `tests`: path to text. */
const otherFiles = () => ({
  'README.md': '# Pipelines\n\nThe pipelines of all teams, one folder for each dataset.\n',
  'requirements.txt': `${PINS.join('\n')}\n`,
  '.gitignore': '__pycache__/\n*.pyc\n.venv/\n.env\n.flowstore/\nbuild/\n',
  '.dockerignore': '.git\n.github\ntests\n',
  '.pre-commit-config.yaml': 'repos: []\n',
  'setup.cfg': '[flake8]\nmax-line-length = 100\n',
  Makefile: ['test', 'lint', 'build', 'docs'].map(name => `${name}:\n\t./${name}.sh\n`).join('\n'),
  '.github/CODEOWNERS': Object.keys(TEAMS)
    .map(team => `/pipelines/${team}/ @example/${team}\n`)
    .join(''),
  '.github/PULL_REQUEST_TEMPLATE.md': '## What changes\n\n## How it was tested\n',
  '.github/ISSUE_TEMPLATE/bug.md': '---\nname: Bug\n---\n',
  '.github/ISSUE_TEMPLATE/dataset.md': '---\nname: New dataset\n---\n',
  ...Object.fromEntries(
    ['test', 'lint', 'build', 'docs'].map(name => [`.github/workflows/${name}.yml`, workflow(name)])
  ),
  'tests/__init__.py': '',
  'tests/conftest.py': 'import pytest\n\n\n@pytest.fixture\ndef rows():\n    return []\n',
  ...Object.fromEntries(
    HELPER_NAMES.map(name => [
      `tests/utils/test_${name}.py`,
      `from pipelines.utils import ${name}\n\n\ndef test_is_documented():\n    assert ${name}.__doc__\n`
    ])
  )
})

const filesOf = (entry, at) => {
  const folder = `pipelines/${entry.team}/${entry.dataset}`
  return {
    [`${folder}/__init__.py`]: '',
    [`${folder}/constants.py`]: constants(entry),
    [`${folder}/schedules.py`]: schedules(entry, at),
    [`${folder}/tasks.py`]: tasks(entry, at),
    [`${folder}/flows.py`]: flows(entry, 'first'),
    [`${folder}/queries/extract.sql`]: query(entry),
    [`${folder}/schema.yml`]: schema(entry),
    [`${folder}/README.md`]: readme(entry)
  }
}

/** Commits all files, as a job finds them after its checkout. */
const commit = folder => {
  const git = (...args) =>
    execFileSync(
      'git',
      ['-C', folder, '-c', 'user.name=bench', '-c', 'user.email=bench', ...args],
      {
        stdio: 'pipe',
        env: {
          ...process.env,
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z',
          GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z'
        }
      }
    )
  git('init', '--quiet')
  git('symbolic-ref', 'HEAD', 'refs/heads/main')
  git('add', '.')
  git('commit', '--quiet', '-m', 'Pipelines')
}

/** 70 flows in as many modules, 20 helpers that they share, 60 packages, and over 600 files in all. */
export const realRepository = folder => {
  const files = Object.assign(
    {
      'pipelines/__init__.py': '',
      'pipelines/utils/__init__.py': '',
      ...Object.fromEntries(
        Object.entries(HELPERS).map(([name, parts]) => [
          `pipelines/utils/${name}.py`,
          helper(name, parts)
        ])
      ),
      ...Object.fromEntries(Object.keys(TEAMS).map(team => [`pipelines/${team}/__init__.py`, ''])),
      ...otherFiles()
    },
    ...DATASETS.map(filesOf)
  )
  for (const [path, text] of Object.entries(files)) write(join(folder, path), text)
  commit(folder)
  const [entry] = DATASETS
  return {
    ...project(
      folder,
      DATASETS.map(({ team, dataset }) => `pipelines.${team}.${dataset}.flows`),
      round =>
        write(
          join(folder, `pipelines/${entry.team}/${entry.dataset}/flows.py`),
          flows(entry, `round ${round}`)
        )
    ),
    flows: ['pipelines/**/flows.py'],
    packages: PINS,
    /** The folder that modules are imported from in an image. */
    sources: 'pipelines'
  }
}
