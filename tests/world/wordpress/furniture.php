<?php
// What plugins put around posts on real sites: share bars, related and popular posts, newsletter boxes, a cookie bar.

add_filter('the_content', function ($content) {
    if (!is_singular('post') || !in_the_loop()) {
        return $content;
    }
    $address = esc_url(get_permalink());
    $share = '<div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent sd-block sd-social"><h3 class="sd-title">Share this:</h3>'
        . '<div class="sd-content"><ul>';
    foreach (['Facebook', 'Mastodon', 'WhatsApp', 'Email'] as $name) {
        $share .= "<li><a rel=\"nofollow noopener\" class=\"share-" . strtolower($name) . " sd-button\" href=\"$address?share="
            . strtolower($name) . "\" title=\"Click to share on $name\"><span>$name</span></a></li>";
    }
    $share .= '</ul></div></div></div>';
    $related = '<div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline"><em>Related</em></h3><div class="jp-relatedposts-items">';
    foreach (get_posts(['numberposts' => 3, 'orderby' => 'date', 'order' => 'ASC', 'exclude' => [get_the_ID()], 'offset' => get_the_ID() % 40]) as $other) {
        $related .= '<div class="jp-relatedposts-post"><h4 class="jp-relatedposts-post-title"><a class="jp-relatedposts-post-a" href="'
            . esc_url(get_permalink($other)) . '">' . esc_html(get_the_title($other)) . '</a></h4><p class="jp-relatedposts-post-excerpt">'
            . esc_html(wp_trim_words($other->post_content, 18)) . '</p><p class="jp-relatedposts-post-date">' . get_the_date('', $other) . '</p></div>';
    }
    $related .= '</div></div>';
    $letter = '<div class="wp-block-jetpack-subscriptions newsletter-box"><h4>Get the morning letter</h4><p>Five stories from the coast in your inbox,'
        . ' every weekday before seven.</p><form><input type="email" placeholder="Your email address"><button>Subscribe</button></form></div>';
    return $content . $letter . $share . $related;
});

add_action('wp_footer', function () {
    echo '<div id="cookie-law-info-bar" role="dialog" aria-label="cookieconsent"><span>This website uses cookies to improve your experience.'
        . " We'll assume you're ok with this, but you can opt-out if you wish. <a role=\"button\" class=\"cli_settings_button\">Cookie settings</a> "
        . '<a role="button" class="cli_action_button">ACCEPT</a></span></div>';
});

class World_Popular_Posts extends WP_Widget {
    public function __construct() {
        parent::__construct('world_popular', 'Popular posts');
    }
    public function widget($args, $instance) {
        echo $args['before_widget'] . $args['before_title'] . 'Most read' . $args['after_title'] . '<ul class="popular-posts">';
        foreach (get_posts(['numberposts' => 5, 'orderby' => 'comment_count']) as $post) {
            echo '<li><a href="' . esc_url(get_permalink($post)) . '">' . esc_html(get_the_title($post)) . '</a></li>';
        }
        echo '</ul>' . $args['after_widget'];
    }
}
add_action('widgets_init', function () {
    register_widget('World_Popular_Posts');
});
