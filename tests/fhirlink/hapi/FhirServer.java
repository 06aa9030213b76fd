import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.interceptor.model.RequestPartitionId;
import ca.uhn.fhir.jpa.api.IDaoRegistry;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.MemoryBinaryStorageSvcImpl;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.config.util.ResourceCountCacheUtil;
import ca.uhn.fhir.jpa.dao.FulltextSearchSvcImpl;
import ca.uhn.fhir.jpa.dao.IFulltextSearchSvc;
import ca.uhn.fhir.jpa.dao.search.HSearchSortHelperImpl;
import ca.uhn.fhir.jpa.dao.search.IHSearchSortHelper;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.search.IStaleSearchDeletingSvc;
import ca.uhn.fhir.jpa.search.StaleSearchDeletingSvcImpl;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.match.config.SubscriptionProcessorConfig;
import ca.uhn.fhir.jpa.subscription.match.deliver.email.IEmailSender;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.jpa.util.ResourceCountCache;
import ca.uhn.fhir.rest.api.IResourceSupportedSvc;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.tenant.UrlBaseTenantIdentificationStrategy;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.commons.dbcp2.BasicDataSource;
import org.hl7.fhir.dstu2.model.Subscription.SubscriptionChannelType;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/**
 * A FHIR R4 server of HAPI on loopback, with its data in a file of its folder.
 *
 * It has one space for each number: /fhir/7/Patient knows nothing of /fhir/8/Patient.
 */
public final class FhirServer {
    private FhirServer() {}

    public static void main(String[] given) {
        var life = Life.begin(given);
        System.setProperty("folder", life.data().toString());
        try {
            serve(life);
        } catch (Throwable failure) { // else Tomcat's threads keep a failed start alive
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static void serve(Life life) throws Exception {
        var tomcat = new Tomcat();
        tomcat.setBaseDir(life.data().resolve("tomcat").toString());
        var connector = new Connector();
        connector.setPort(life.port());
        connector.setThrowOnFailure(true);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("relaxedQueryChars", "|");
        tomcat.setConnector(connector);
        Context web = tomcat.addContext("", null);
        tomcat.start();

        var beans = new AnnotationConfigWebApplicationContext();
        beans.setServletContext(web.getServletContext());
        beans.register(Parts.class);
        beans.refresh();
        Tomcat.addServlet(web, "fhir", edge(beans));
        web.addServletMappingDecoded("/fhir/*", "fhir");
        life.listensAt(connector.getLocalPort());
        tomcat.getServer().await();
    }

    private static RestfulServer edge(AnnotationConfigWebApplicationContext beans) {
        var edge = new RestfulServer(beans.getBean(FhirContext.class));
        edge.registerProviders(beans.getBean(ResourceProviderFactory.class).createProviders());
        edge.registerProvider(beans.getBean(IJpaSystemProvider.class));
        edge.setPagingProvider(beans.getBean(DatabaseBackedPagingProvider.class));
        edge.setTenantIdentificationStrategy(new UrlBaseTenantIdentificationStrategy());
        edge.registerInterceptor(new Spaces());
        return edge;
    }

    /** Of what space a request speaks; what the server does for itself is in none. */
    @Interceptor
    public static final class Spaces {
        @Hook(Pointcut.STORAGE_PARTITION_IDENTIFY_ANY)
        public RequestPartitionId spaceOf(RequestDetails asked) {
            var name = asked == null ? null : asked.getTenantId();
            return name == null
                ? RequestPartitionId.defaultPartition()
                : RequestPartitionId.fromPartitionId(Integer.valueOf(name));
        }
    }

    @Configuration
    @Import({
        JpaR4Config.class, ThreadPoolFactoryConfig.class,
        JpaBatch2Config.class, Batch2JobsConfig.class,
        SubscriptionChannelConfig.class, SubscriptionSubmitterConfig.class,
        SubscriptionProcessorConfig.class,
    })
    public static class Parts {
        @Bean
        public JpaStorageSettings storageSettings() {
            var settings = new JpaStorageSettings();
            settings.setAllowMultipleDelete(true);
            settings.setAllowExternalReferences(true);
            settings.setAllowInlineMatchUrlReferences(true);
            settings.setResourceClientIdStrategy(
                JpaStorageSettings.ClientIdStrategyEnum.ANY);
            settings.setReuseCachedSearchResultsForMillis(null);
            return settings;
        }

        @Bean
        public PartitionSettings partitionSettings() {
            var settings = new PartitionSettings();
            settings.setPartitioningEnabled(true);
            settings.setUnnamedPartitionMode(true);
            settings.setDatabasePartitionMode(true); // else an id would be taken for all
            return settings;
        }

        @Bean
        public SubscriptionSettings subscriptionSettings() {
            var settings = new SubscriptionSettings();
            settings.addSupportedSubscriptionType(SubscriptionChannelType.RESTHOOK);
            return settings;
        }

        @Bean
        public DataSource dataSource() {
            var source = new BasicDataSource();
            var file = Path.of(System.getProperty("folder"), "data");
            // A killed server starts again on what it had committed.
            source.setUrl("jdbc:h2:file:" + file + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE");
            source.setUsername("sa");
            source.setPassword("");
            source.setMaxTotal(20);
            return source;
        }

        @Bean
        public LocalContainerEntityManagerFactoryBean entityManagerFactory(
                DataSource source, ConfigurableListableBeanFactory beans,
                FhirContext fhir, JpaStorageSettings settings) {
            var made = HapiEntityManagerFactoryUtil.newEntityManagerFactory(
                beans, fhir, settings);
            var properties = new Properties();
            properties.putAll(Map.of(
                "hibernate.dialect", HapiFhirH2Dialect.class.getName(),
                "hibernate.hbm2ddl.auto", "update",
                "hibernate.jdbc.batch_size", "20",
                "hibernate.search.enabled", "false"));
            made.setPersistenceUnitName("HAPI");
            made.setDataSource(source);
            made.setJpaProperties(properties);
            return made;
        }

        @Bean
        public JpaTransactionManager transactionManager(EntityManagerFactory factory) {
            return new JpaTransactionManager(factory);
        }

        @Bean
        public IFulltextSearchSvc fullTextSearch() {
            return new FulltextSearchSvcImpl();
        }

        @Bean
        public IHSearchSortHelper sortHelper(ISearchParamRegistry parameters) {
            return new HSearchSortHelperImpl(parameters);
        }

        @Bean
        public IStaleSearchDeletingSvc staleSearches() {
            return new StaleSearchDeletingSvcImpl();
        }

        @Bean
        public DatabaseBackedPagingProvider paging() {
            var paging = new DatabaseBackedPagingProvider();
            paging.setDefaultPageSize(50);
            paging.setMaximumPageSize(500);
            return paging;
        }

        @Bean
        public IResourceSupportedSvc supportedTypes(IDaoRegistry daos) {
            return new DaoRegistryResourceSupportedSvc(daos);
        }

        @Bean(name = "myResourceCountsCache") // HAPI looks for it by this name
        public ResourceCountCache counts(IFhirSystemDao<?, ?> system) {
            return ResourceCountCacheUtil.newResourceCountCache(system);
        }

        @Bean
        public IBinaryStorageSvc binaries() {
            return new MemoryBinaryStorageSvcImpl();
        }

        @Bean
        public IEmailSender emails() {
            return details -> {};
        }
    }
}
