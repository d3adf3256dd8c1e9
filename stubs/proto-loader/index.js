'use strict'

module.exports = {
  get loadSync() {
    return require('proto-loader').loadSync
  }
}
