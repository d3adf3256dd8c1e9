import { ISOLATED } from '../../src/python/cell.js'
import type { Build } from '../../src/report.js'

/** A build of local storage that is ready to be published. */
export function buildOf(flowFiles: Build['documents']['flowFiles'] = new Map()): Build {
  return {
    report: {
      storage: { type: 'Local' },
      flows: [],
      image: null,
      changed: true,
      deployments: null,
      deployed: null,
      commits: null,
      comparedWith: null,
      versions: { python: '3.9.1', prefect: '1.4.1', cloudpickle: '3', flowstore: '0' },
      checkedIn: 'image' as const,
      environment: { builder: null, why: 'it was built before' },
      load: {
        in: 'image' as const,
        why: 'load-in asks for it',
        isolation: ISOLATED,
        modules: { loaded: 2, taken: 0 }
      },
      phases: [],
      notices: []
    },
    deployments: null,
    documents: {
      flowsJson: null,
      dockerfile: null,
      prefectYaml: null,
      deploymentsJson: null,
      sbom: null,
      provenance: null,
      flowFiles
    },
    moveTags: () => Promise.resolve(),
    discard: () => Promise.resolve({ putBack: [], remains: [] }),
    keep: null
  }
}
