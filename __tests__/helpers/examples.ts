/** The flows of each folder below `examples/`. */
export const EXAMPLE_FLOWS = [
  'export acme',
  'export globex',
  'export initech',
  'invoice',
  'nightly sensor check',
  'orders by region',
  'table names'
]
