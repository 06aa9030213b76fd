// How the viewer finds the portal: on the same origin, with the session's cookie.
//
// `partition` in the address names the data partition that the studies are in; without
// it they are in the default one. `hangingProtocolId=portal.beside` shows all studies of
// the address beside each other.
(() => {
  const asked = new URLSearchParams(window.location.search);
  const partition = asked.get('partition');
  const root = partition ? `/dicomweb/partitions/${encodeURIComponent(partition)}` : '/dicomweb';
  const AFTER_ITS_OWN_MS = 1000;
  const MOST_OF_A_ROW = 3;

  // A pane for each study of the address, in their order: its first series of slices, else
  // its first of images. The viewer's own layout of two studies leaves half of the place
  // empty where each has one series, and knows no third.
  const beside = () => {
    const studies = asked.getAll('StudyInstanceUIDs').join(',').split(',').filter(Boolean);
    const rows = studies.length > MOST_OF_A_ROW ? 2 : 1;
    const selectors = studies.map((_, at) => [
      `study${at}`,
      {
        studyMatchingRules: [
          {
            attribute: 'studyInstanceUIDsIndex',
            from: 'options',
            required: true,
            constraint: { equals: { value: at } },
          },
        ],
        seriesMatchingRules: [
          {
            attribute: 'numImageFrames',
            required: true,
            constraint: { greaterThan: { value: 0 } },
          },
          { attribute: 'isReconstructable', weight: 10, constraint: { equals: true } },
          { attribute: 'isDisplaySetFromUrl', weight: 20, constraint: { equals: true } },
        ],
      },
    ]);
    const viewportOptions = {
      viewportType: 'stack',
      toolGroupId: 'default',
      allowUnmatchedView: true,
    };
    return {
      id: 'portal.beside',
      name: 'Studies side by side',
      protocolMatchingRules: [], // only who asks for it gets it
      toolGroupIds: ['default'],
      displaySetSelectors: Object.fromEntries(selectors),
      stages: [
        {
          name: 'beside',
          viewportStructure: {
            layoutType: 'grid',
            properties: { rows, columns: Math.ceil(studies.length / rows) },
          },
          viewports: selectors.map(([id]) => ({ viewportOptions, displaySets: [{ id }] })),
        },
      ],
    };
  };
  const protocols = {
    id: 'portal.layouts',
    getHangingProtocolModule: () => [{ name: 'portal.beside', protocol: beside() }],
  };

  let services;
  const config = {
    routerBasename: '/viewer/',
    showStudyList: false, // the portal has its own
    extensions: [protocols],
    modes: [],
    // No tour over the first image of whoever comes for the first time.
    customizationService: [{ 'ohif.tours': { $set: [] } }],
    investigationalUseDialog: { option: 'never' }, // the portal says so itself
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: true,
    showLoadingIndicator: true,
    strictZSpacingForVolumeViewport: true,
    maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 25 },
    defaultDataSourceName: 'portal',
    dataSources: [
      {
        namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
        sourceName: 'portal',
        configuration: {
          friendlyName: 'Imaging Research Portal',
          name: 'portal',
          qidoRoot: root,
          wadoRoot: root,
          wadoUriRoot: root,
          qidoSupportsIncludeField: true,
          supportsFuzzyMatching: true,
          supportsWildcard: true,
          supportsReject: false,
          supportsStow: true,
          imageRendering: 'wadors',
          thumbnailRendering: 'thumbnail',
          enableStudyLazyLoad: true,
          singlepart: 'pdf,video',
          omitQuotationForMultipartRequest: false,
          bulkDataURI: { enabled: true, relativeResolution: 'studies' },
        },
      },
    ],
    httpErrorHandler: (error) => {
      // The whole page signs in again and comes back: nothing shows that form in a frame.
      if (error.status === 401) window.top.location.reload();
      // The viewer says "something went wrong" of a store that is refused; the portal says
      // why, over that.
      if (error.status === 403 && typeof error.response === 'string') {
        const why = { title: 'Not allowed', message: error.response, type: 'error' };
        const show = () => services.uiNotificationService.show({ ...why, duration: 20_000 });
        setTimeout(show, AFTER_ITS_OWN_MS);
      }
    },
  };
  // As a function it is given the viewer's services; the microscope reads its properties.
  window.config = Object.assign(({ servicesManager }) => {
    services = servicesManager.services;
    return config;
  }, config);
})();
