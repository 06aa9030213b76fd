import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';
import { readAskSearch } from '~/domain/ask/askSearch';
import { readPatientSearch } from '~/domain/patientSearch';
import { readPlaceSearch } from '~/domain/placeSearch';
import { readStudySearch } from '~/domain/studySearch';
import { readTimelinePlace } from '~/domain/timeline/place';
import { readWorklistSearch } from '~/domain/worklistSearch';
import { readQuery, writeQuery } from './address';
import { Broken } from './Broken';
import { NotHere } from './NotHere';
import { Shell } from './Shell';

// The first word of each path stands in portal/pages/app.py as well: the server answers
// other addresses by themselves.
const root = createRootRoute({ component: Shell, notFoundComponent: NotHere });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('~/features/home/Home'), 'Home'),
});

const ask = createRoute({
  getParentRoute: () => root,
  path: '/ask',
  validateSearch: readAskSearch,
  component: lazyRouteComponent(() => import('~/features/ask/AskPage'), 'AskPage'),
});

const studies = createRoute({
  getParentRoute: () => root,
  path: '/studies',
  validateSearch: readStudySearch,
  component: lazyRouteComponent(() => import('~/features/studies/Studies'), 'Studies'),
});

const study = createRoute({
  getParentRoute: () => root,
  path: '/studies/$studyUid',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(() => import('~/features/study/StudyPage'), 'StudyPage'),
});

const viewer = createRoute({
  getParentRoute: () => root,
  path: '/studies/$studyUid/viewer',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(() => import('~/features/study/ViewerPage'), 'ViewerPage'),
});

const patients = createRoute({
  getParentRoute: () => root,
  path: '/patients',
  validateSearch: readPatientSearch,
  component: lazyRouteComponent(() => import('~/features/patients/Patients'), 'Patients'),
});

const patient = createRoute({
  getParentRoute: () => root,
  path: '/patients/$patientId',
  validateSearch: readTimelinePlace,
  component: lazyRouteComponent(() => import('~/features/patient/PatientPage'), 'PatientPage'),
});

const worklist = createRoute({
  getParentRoute: () => root,
  path: '/worklist',
  validateSearch: readWorklistSearch,
  component: lazyRouteComponent(() => import('~/features/worklist/Worklist'), 'Worklist'),
});

const matching = createRoute({
  getParentRoute: () => root,
  path: '/matching',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(() => import('~/features/matching/Matching'), 'Matching'),
});

const upload = createRoute({
  getParentRoute: () => root,
  path: '/upload',
  component: lazyRouteComponent(() => import('~/features/upload/UploadPage'), 'UploadPage'),
});

const operations = createRoute({
  getParentRoute: () => root,
  path: '/operations',
  component: lazyRouteComponent(() => import('~/features/operations/Operations'), 'Operations'),
});

const tree = root.addChildren([
  home,
  ask,
  studies,
  study,
  viewer,
  patients,
  patient,
  worklist,
  matching,
  upload,
  operations,
]);

/** Makes the router of all pages; the tests give it a history of their own. */
export function createPortalRouter(history?: RouterHistory) {
  return createRouter({
    routeTree: tree,
    parseSearch: readQuery,
    stringifySearch: writeQuery,
    defaultErrorComponent: Broken,
    defaultPreload: 'intent',
    scrollRestoration: true,
    ...(history && { history }),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPortalRouter>;
  }
}
