<?php
// One installation, one database, a site for each virtual host: its tables have the host's first label as prefix.
$world = json_decode(file_get_contents(__DIR__ . '/world.json'), true);
$host = $_SERVER['HTTP_HOST'] ?? (getenv('WORLD_HOST') . ':' . $world['port']);
define('DB_NAME', 'world');
define('DB_USER', $world['user']);
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . $world['socket']);
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', 'http://' . $host);
define('WP_SITEURL', 'http://' . $host);
define('WP_HTTP_BLOCK_EXTERNAL', true);   // no update check leaves the machine
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEBUG', false);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) {
    define($name, hash('sha256', $name . 'world'));
}
$table_prefix = preg_replace('/[^a-z0-9]/', '', strtolower(explode('.', $host)[0])) . '_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
