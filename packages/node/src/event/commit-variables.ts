/** Where platforms and CI services say what was deployed; those that run services come before those that build them. */
export const COMMIT_VARIABLES = [
  'VERCEL_GIT_COMMIT_SHA',
  'RENDER_GIT_COMMIT',
  'RAILWAY_GIT_COMMIT_SHA',
  'HEROKU_BUILD_COMMIT',
  'HEROKU_SLUG_COMMIT',
  'SOURCE_VERSION', // Heroku and Scalingo, while they build
  'SOURCE_COMMIT', // Docker Hub, Coolify
  'KOYEB_GIT_SHA',
  'ZEABUR_GIT_COMMIT_SHA',
  'CC_COMMIT_ID', // Clever Cloud
  'AWS_COMMIT_ID', // Amplify
  'CF_PAGES_COMMIT_SHA',
  'WORKERS_CI_COMMIT_SHA',
  'COMMIT_REF', // Netlify
  'GITHUB_SHA',
  'CI_COMMIT_SHA', // GitLab, Woodpecker
  'BITBUCKET_COMMIT',
  'BUILD_SOURCEVERSION', // Azure Pipelines
  'CODEBUILD_RESOLVED_SOURCE_VERSION',
  'CIRCLE_SHA1',
  'BUILDKITE_COMMIT',
  'TRAVIS_COMMIT',
  'DRONE_COMMIT_SHA',
  'SEMAPHORE_GIT_SHA',
  'APPVEYOR_REPO_COMMIT',
  'CIRRUS_CHANGE_IN_REPO',
  'BITRISE_GIT_COMMIT',
  'CI_COMMIT_ID', // Codeship
  'GIT_COMMIT', // Jenkins
  'GIT_COMMIT_SHA',
  'GIT_SHA',
  'COMMIT_SHA', // Google Cloud Build
] as const
