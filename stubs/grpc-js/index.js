'use strict'

const load = () => require('grpc-js')

module.exports = {
  get Server() {
    return load().Server
  },
  get ServerCredentials() {
    return load().ServerCredentials
  },
  get loadPackageDefinition() {
    return load().loadPackageDefinition
  }
}
