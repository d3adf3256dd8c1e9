// Draws the results as one SVG: a panel for each case, with bars on a logarithmic axis of seconds.
const WIDTH = 880
const LEFT = 256
const RIGHT = 150
const ROW = 22
const HEAD = 40

// Greys that are readable on white and on black; with a dark colour scheme, they are lighter.
const STYLE = `
    text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #737b85 }
    .title { font-weight: 600; font-size: 14px }
    .axis { font-size: 11px }
    .own { fill: #2f81f7 }
    .other { fill: #8b949e }
    .line { stroke: #8b949e; stroke-opacity: 0.35 }
    @media (prefers-color-scheme: dark) { text { fill: #9da7b3 } .other { fill: #6e7681 } }
  `

const escape = text =>
  String(text).replace(
    /[&<>"]/g,
    sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]
  )

const seconds = value => {
  if (value >= 10) return `${value.toFixed(0)} s`
  return value >= 1 ? `${value.toFixed(1)} s` : `${value.toFixed(2)} s`
}

const times = value => `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} ×`

const medianOf = (result, name) => result?.series?.[name]?.median

/** Rows of one case for one release: flowstore first, the others with their ratio to it. */
const beside = (result, own, others) => {
  const value = medianOf(result, own)
  if (value === undefined) return []
  const owns = [own, `${own}, auto`, `${own}, deployed`].flatMap(label => {
    const median = medianOf(result, label)
    return median === undefined ? [] : [{ label, value: median, own: true }]
  })
  return [
    ...owns,
    ...others.flatMap(name => {
      const other = medianOf(result, name)
      return other === undefined ? [] : [{ label: name, value: other, note: times(other / value) }]
    })
  ]
}

const PREFECT_3 = {
  'prefect3-changed': 'Prefect 3: one flow changed, daemon warm',
  'prefect3-daemonless': 'Prefect 3: one flow changed, no daemon, beside the bare Python',
  'prefect3-unchanged': 'Prefect 3: nothing changed',
  'prefect3-many': 'Prefect 3: 100 flows, all of them changed',
  'prefect3-cold': 'Prefect 3: nothing changed, nothing installed'
}
const NOT_PEERS = /^(flowstore|empty Node)/

const panelsOf = cases => {
  const { changed, daemonless, unchanged, first, direct, real, scale } = cases
  const both = rowsOf => [...rowsOf('0.5.4'), ...rowsOf('1.4.1')]
  return [
    {
      title: 'One flow changed, daemon warm',
      rows: both(release =>
        beside(changed, `flowstore ${release}`, [`by hand ${release}`, `Prefect ${release}`])
      )
    },
    {
      title: 'One flow changed, no daemon, beside the bare Python',
      rows: both(release => beside(daemonless, `flowstore ${release}`, [`python -c ${release}`]))
    },
    {
      title: 'Nothing changed',
      rows: both(release => beside(unchanged, `flowstore ${release}`, [`Prefect ${release}`]))
    },
    {
      title: 'First build',
      rows: both(release => beside(first, `flowstore ${release}`, [`Prefect ${release}`]))
    },
    {
      title: 'An environment image without a daemon, beside uv alone',
      rows: ['1.4.1', '3.9.1'].flatMap(release =>
        beside(direct, `flowstore ${release}`, [`uv ${release}`])
      )
    },
    {
      title: '70 flows, 60 packages',
      rows: ['first build', 'one flow changed', 'nothing changed'].flatMap(situation =>
        beside(real, `flowstore, ${situation}`, [`Prefect, ${situation}`])
      )
    },
    {
      title: 'Many flows, one of them changed',
      rows: [10, 100, 1000].flatMap(flows =>
        beside(scale, `flowstore in the image, ${flows} flows`, [
          `python -c, ${flows} flows`,
          `prefect build, ${flows} flows`
        ])
      )
    },
    ...Object.entries(PREFECT_3).map(([name, title]) => {
      const others = Object.keys(cases[name]?.series ?? {}).filter(label => !NOT_PEERS.test(label))
      return { title, rows: beside(cases[name], 'flowstore', others) }
    })
  ].filter(({ rows }) => rows.length > 0)
}

/** @returns the text of an SVG file */
export const plot = ({ machine, versions, cases }) => {
  const panels = panelsOf(cases)
  const values = panels.flatMap(({ rows }) => rows.map(({ value }) => value))
  if (values.length === 0) return ''
  const from = Math.floor(Math.log10(Math.min(...values)))
  const to = Math.ceil(Math.log10(Math.max(...values)))
  const scaleOf = (WIDTH - LEFT - RIGHT) / Math.max(to - from, 1)
  const x = value => LEFT + (Math.log10(value) - from) * scaleOf
  const parts = []
  let y = 8
  for (const { title, rows } of panels) {
    parts.push(`<text class="title" x="8" y="${y + 20}">${escape(title)}</text>`)
    y += HEAD - 10
    const bottom = y + rows.length * ROW
    for (let power = from; power <= to; power += 1) {
      const at = x(10 ** power).toFixed(1)
      parts.push(`<line class="line" x1="${at}" x2="${at}" y1="${y}" y2="${bottom}"/>`)
    }
    for (const { label, value, own, note } of rows) {
      const end = x(value)
      const text = note === undefined ? seconds(value) : `${seconds(value)}, ${note}`
      parts.push(
        `<text x="${LEFT - 10}" y="${y + 15}" text-anchor="end">${escape(label)}</text>`,
        `<rect class="${own ? 'own' : 'other'}" x="${LEFT}" y="${y + 3}" width="${Math.max(end - LEFT, 1).toFixed(1)}" height="${ROW - 6}" rx="2"/>`,
        `<text x="${(end + 8).toFixed(1)}" y="${y + 15}">${escape(text)}</text>`
      )
      y += ROW
    }
    y += 6
  }
  for (let power = from; power <= to; power += 1) {
    parts.push(
      `<text class="axis" x="${x(10 ** power).toFixed(1)}" y="${y + 10}" text-anchor="middle">${10 ** power} s</text>`
    )
  }
  const about = `Medians of wall seconds, logarithmic; × is the ratio to flowstore. ${machine.cores} × ${machine.processor}, ${machine.memoryGiB} GiB, Node ${versions.node}.`
  parts.push(`<text class="axis" x="8" y="${y + 34}">${escape(about)}</text>`)
  const height = y + 46
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Wall time of flowstore beside Prefect's own builds">
  <style>${STYLE}</style>
  ${parts.join('\n  ')}
</svg>
`
}
